/*
 * What travels beside a datagram (ip(7), ipv6(7), recvmsg(2)): where it was sent to, and the fields of its header.
 */
#include "inet.h"
#include <sys/uio.h>

static char bytes[64];
static char control[256];

static void show(struct msghdr *header)
{
    BITS(header->msg_flags);
    for (struct cmsghdr *one = CMSG_FIRSTHDR(header); one; one = CMSG_NXTHDR(header, one)) {
        size_t length = one->cmsg_len - CMSG_LEN(0);
        printf("level %d type %d length %zu", one->cmsg_level, one->cmsg_type, length);
        if (one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(one), sizeof info);
            printf(" index %d to %#x by %#x", info.ipi_ifindex, ntohl(info.ipi_addr.s_addr),
                ntohl(info.ipi_spec_dst.s_addr));
        } else if (one->cmsg_level == IPPROTO_IPV6 && one->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            char text[64];
            memcpy(&info, CMSG_DATA(one), sizeof info);
            printf(" index %d to %s", (int)info.ipi6_ifindex, inet_ntop(AF_INET6, &info.ipi6_addr, text, sizeof text));
        } else if (length == 1) {
            printf(" = %d", *CMSG_DATA(one));
        } else {
            int value = -1;
            memcpy(&value, CMSG_DATA(one), length < sizeof value ? length : sizeof value);
            printf(" = %d", value);
        }
        printf("\n");
    }
}

static void receive(int fd, size_t room)
{
    struct name from = { .length = sizeof from.storage };
    struct iovec part = { bytes, sizeof bytes };
    struct msghdr header = { .msg_name = &from.storage, .msg_namelen = sizeof from.storage, .msg_iov = &part,
        .msg_iovlen = 1, .msg_control = control, .msg_controllen = room };
    VALUE(recvmsg(fd, &header, 0));
    from.length = header.msg_namelen;
    show_name("from", from, 0);
    show(&header);
}

/* Sends with one thing beside the bytes. */
static ssize_t send_with(int fd, struct name to, int level, int type, const void *data, size_t length)
{
    struct iovec part = { "x", 1 };
    memset(control, 0, sizeof control);
    struct msghdr header = { .msg_name = &to.storage, .msg_namelen = to.length, .msg_iov = &part, .msg_iovlen = 1,
        .msg_control = control, .msg_controllen = CMSG_SPACE(length) };
    struct cmsghdr *one = CMSG_FIRSTHDR(&header);
    one->cmsg_level = level;
    one->cmsg_type = type;
    one->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(one), data, length);
    return sendmsg(fd, &header, 0);
}

static void version4(void)
{
    PART("IPv4");
    int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
    DO(bind_to(receiver, v4("0.0.0.0", 0)));
    struct name to = v4("127.0.0.3", port_of(receiver));
    VALUE(get(receiver, IPPROTO_IP, IP_PKTINFO));
    DO(set(receiver, IPPROTO_IP, IP_PKTINFO, 5));
    VALUE(get(receiver, IPPROTO_IP, IP_PKTINFO));
    VALUE(sendto(sender, "x", 1, 0, &to.sa, to.length));
    receive(receiver, sizeof control);
    DO(set(receiver, IPPROTO_IP, IP_RECVTTL, 1));
    DO(set(receiver, IPPROTO_IP, IP_RECVTOS, 1));
    VALUE(get(receiver, IPPROTO_IP, IP_RECVTOS));
    DO(set(sender, IPPROTO_IP, IP_TTL, 9));
    DO(set(sender, IPPROTO_IP, IP_TOS, 0x10));
    VALUE(sendto(sender, "x", 1, 0, &to.sa, to.length));
    receive(receiver, sizeof control);
    VALUE(sendto(sender, "x", 1, 0, &to.sa, to.length));
    receive(receiver, CMSG_SPACE(sizeof(struct in_pktinfo)));
    VALUE(sendto(sender, "x", 1, 0, &to.sa, to.length));
    receive(receiver, 0);
    int value = 77;
    VALUE(send_with(sender, to, IPPROTO_IP, IP_TTL, &value, sizeof value));
    receive(receiver, sizeof control);
    value = 8;
    VALUE(send_with(sender, to, IPPROTO_IP, IP_TOS, &value, sizeof value));
    receive(receiver, sizeof control);
    struct in_pktinfo info = { 0 };
    inet_pton(AF_INET, "127.0.0.9", &info.ipi_spec_dst);
    VALUE(send_with(sender, to, IPPROTO_IP, IP_PKTINFO, &info, sizeof info));
    receive(receiver, sizeof control);
    show_own("sender", sender, port_of(sender));
    value = 0;
    VALUE(send_with(sender, to, IPPROTO_IP, IP_TTL, &value, sizeof value));
    VALUE(send_with(sender, to, IPPROTO_IP, IP_TTL, &value, 2));
    VALUE(send_with(sender, to, IPPROTO_IP, IP_PKTINFO, &info, 4));
    VALUE(send_with(sender, to, IPPROTO_IP, 250, &value, sizeof value));
    VALUE(send_with(sender, to, 250, 1, &value, sizeof value));
    receive(receiver, sizeof control);
    VALUE(send_with(sender, to, SOL_SOCKET, 250, &value, sizeof value));
    DO(set(receiver, IPPROTO_IP, IP_RECVTTL, 0));
    DO(set(receiver, IPPROTO_IP, IP_PKTINFO, 0));
    VALUE(sendto(sender, "x", 1, 0, &to.sa, to.length));
    receive(receiver, sizeof control);
    close(receiver);
    close(sender);
}

static void version6(void)
{
    PART("IPv6");
    int receiver = socket(AF_INET6, SOCK_DGRAM, 0), sender = socket(AF_INET6, SOCK_DGRAM, 0);
    DO(bind_to(receiver, v6("::", 0)));
    struct name to = v6("::1", port_of(receiver));
    DO(set(receiver, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
    DO(set(receiver, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1));
    DO(set(receiver, IPPROTO_IPV6, IPV6_RECVTCLASS, 1));
    VALUE(get(receiver, IPPROTO_IPV6, IPV6_RECVHOPLIMIT));
    VALUE(sendto(sender, "x", 1, 0, &to.sa, to.length));
    receive(receiver, sizeof control);
    DO(set(sender, IPPROTO_IPV6, IPV6_TCLASS, 0x20));
    int value = 3;
    VALUE(send_with(sender, to, IPPROTO_IPV6, IPV6_HOPLIMIT, &value, sizeof value));
    receive(receiver, sizeof control);
    value = 4;
    VALUE(send_with(sender, to, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value));
    receive(receiver, sizeof control);
    struct in6_pktinfo info = { 0 };
    inet_pton(AF_INET6, "::1", &info.ipi6_addr);
    VALUE(send_with(sender, to, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info));
    receive(receiver, sizeof control);
    value = 256;
    VALUE(send_with(sender, to, IPPROTO_IPV6, IPV6_HOPLIMIT, &value, sizeof value));
    VALUE(send_with(sender, to, IPPROTO_IPV6, IPV6_HOPLIMIT, &value, 2));
    VALUE(send_with(sender, to, IPPROTO_IPV6, 250, &value, sizeof value));
    to = v6("::ffff:127.0.0.1", port_of(receiver));
    VALUE(sendto(sender, "x", 1, 0, &to.sa, to.length));
    receive(receiver, sizeof control);
    close(receiver);
    close(sender);
}

int main(void)
{
    version4();
    if (has_ipv6())
        version6();
    else
        printf("no IPv6\n");
    return 0;
}
