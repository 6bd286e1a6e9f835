/*
 * The loopback interface as programs find it (netdevice(7), rtnetlink(7), getifaddrs(3)). A real machine may have others,
 * which are passed over.
 */
#include "inet.h"
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netdb.h>
#include <netpacket/packet.h>

static char bytes[65536];

static void by_ioctl(int fd)
{
    struct ifreq ask = { .ifr_name = "lo" };
    DO(ioctl(fd, SIOCGIFINDEX, &ask));
    VALUE(ask.ifr_ifindex);
    memset(ask.ifr_name, 0, sizeof ask.ifr_name);
    DO(ioctl(fd, SIOCGIFNAME, &ask));
    TEXT(ask.ifr_name, 3);
    DO(ioctl(fd, SIOCGIFFLAGS, &ask));
    BITS(ask.ifr_flags);
    DO(ioctl(fd, SIOCGIFMTU, &ask));
    VALUE(ask.ifr_mtu);
    DO(ioctl(fd, SIOCGIFHWADDR, &ask));
    VALUE(ask.ifr_hwaddr.sa_family);
    strcpy(ask.ifr_name, "none0");
    DO(ioctl(fd, SIOCGIFINDEX, &ask));
    DO(ioctl(fd, SIOCGIFFLAGS, &ask));
    ask.ifr_ifindex = 9999;
    DO(ioctl(fd, SIOCGIFNAME, &ask));
    DO(ioctl(fd, SIOCGIFINDEX, (void *)8));
}

static void addresses_by_ioctl(int fd)
{
    struct ifreq ask = { .ifr_name = "lo" };
    struct sockaddr_in *address = (void *)&ask.ifr_addr;
    DO(ioctl(fd, SIOCGIFADDR, &ask));
    VALUE(address->sin_family);
    BITS(ntohl(address->sin_addr.s_addr));
    DO(ioctl(fd, SIOCGIFNETMASK, &ask));
    BITS(ntohl(address->sin_addr.s_addr));
    strcpy(ask.ifr_name, "none0");
    DO(ioctl(fd, SIOCGIFADDR, &ask));
    struct ifconf all = { .ifc_len = sizeof bytes, .ifc_buf = bytes };
    DO(ioctl(fd, SIOCGIFCONF, &all));
    int found = 0;
    for (int at = 0; at < all.ifc_len; at += sizeof ask) {
        struct ifreq *one = (void *)(bytes + at);
        if (strcmp(one->ifr_name, "lo") == 0)
            found += ((struct sockaddr_in *)&one->ifr_addr)->sin_addr.s_addr == htonl(INADDR_LOOPBACK);
    }
    VALUE(found);
    all = (struct ifconf){ .ifc_len = 10, .ifc_buf = bytes };
    DO(ioctl(fd, SIOCGIFCONF, &all));
    VALUE(all.ifc_len);
    all = (struct ifconf){ .ifc_len = 0, .ifc_buf = NULL };
    DO(ioctl(fd, SIOCGIFCONF, &all));
    IS(all.ifc_len > 0 && all.ifc_len % sizeof ask == 0);
}

static void by_libc(void)
{
    PART("the C library's answers");
    VALUE(if_nametoindex("lo"));
    char name[IF_NAMESIZE] = "";
    IS(if_indextoname(1, name) == name);
    TEXT(name, 3);
    VALUE(if_nametoindex("none0"));
    struct if_nameindex *all = if_nameindex();
    IS(all != NULL && all[0].if_index == 1 && strcmp(all[0].if_name, "lo") == 0);
    struct ifaddrs *first;
    DO(getifaddrs(&first));
    for (struct ifaddrs *one = first; one; one = one->ifa_next) {
        if (strcmp(one->ifa_name, "lo") != 0)
            continue;
        int family = one->ifa_addr ? one->ifa_addr->sa_family : -1;
        /* Linux may be without IPv6. */
        if (family == AF_INET6)
            continue;
        printf("family %d flags %#x mask %d\n", family, one->ifa_flags, one->ifa_netmask != NULL);
        if (family == AF_INET)
            BITS(ntohl(((struct sockaddr_in *)one->ifa_netmask)->sin_addr.s_addr));
        if (family == AF_PACKET)
            VALUE(((struct sockaddr_ll *)one->ifa_addr)->sll_hatype);
    }
    freeifaddrs(first);
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_ADDRCONFIG, .ai_socktype = SOCK_STREAM }, *found = NULL;
    VALUE(getaddrinfo("127.0.0.1", "80", &hints, &found));
    VALUE(found && found->ai_family == AF_INET);
}

/* Asks for all of a kind, and counts what comes. */
static void dump(int fd, int type, int family)
{
    struct {
        struct nlmsghdr head;
        struct rtgenmsg body;
    } ask = { { sizeof ask, type, NLM_F_REQUEST | NLM_F_DUMP, 7, 0 }, { family } };
    struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
    int sent = sendto(fd, &ask, sizeof ask, 0, (void *)&kernel, sizeof kernel);
    IS(sent == sizeof ask);
    int loopbacks = 0, done = 0;
    while (!done) {
        struct sockaddr_nl from;
        socklen_t length = sizeof from;
        int got = recvfrom(fd, bytes, sizeof bytes, 0, (void *)&from, &length);
        if (got <= 0 || length != sizeof from || from.nl_family != AF_NETLINK || from.nl_pid != 0) {
            printf("recvfrom: %s\n", check_errno(errno));
            return;
        }
        for (struct nlmsghdr *one = (void *)bytes; NLMSG_OK(one, (unsigned)got); one = NLMSG_NEXT(one, got)) {
            done |= one->nlmsg_type == NLMSG_DONE || one->nlmsg_type == NLMSG_ERROR;
            if (one->nlmsg_seq != 7)
                printf("another sequence\n");
            if (one->nlmsg_type == RTM_NEWLINK)
                loopbacks += ((struct ifinfomsg *)NLMSG_DATA(one))->ifi_index == 1;
            if (one->nlmsg_type == RTM_NEWADDR && ((struct ifaddrmsg *)NLMSG_DATA(one))->ifa_family == AF_INET)
                loopbacks += ((struct ifaddrmsg *)NLMSG_DATA(one))->ifa_index == 1;
            if (one->nlmsg_type == NLMSG_ERROR)
                printf("error %d\n", ((struct nlmsgerr *)NLMSG_DATA(one))->error);
        }
    }
    VALUE(loopbacks);
}

static void by_netlink(void)
{
    PART("netlink");
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    IS(fd >= 0);
    DO(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE));
    DO(socket(AF_NETLINK, SOCK_DGRAM, 99));
    struct sockaddr_nl own = { .nl_family = AF_NETLINK };
    DO(bind(fd, (void *)&own, sizeof own));
    DO(bind(fd, (void *)&own, sizeof own - 1));
    socklen_t length = sizeof own;
    DO(getsockname(fd, (void *)&own, &length));
    VALUE(length);
    IS(own.nl_family == AF_NETLINK && own.nl_pid == (unsigned)getpid() && own.nl_groups == 0);
    int other = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    length = sizeof own;
    own = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
    DO(bind(other, (void *)&own, sizeof own));
    DO(getsockname(other, (void *)&own, &length));
    IS(own.nl_pid != (unsigned)getpid() && own.nl_pid != 0);
    close(other);
    dump(fd, RTM_GETLINK, AF_UNSPEC);
    dump(fd, RTM_GETADDR, AF_UNSPEC);
    dump(fd, RTM_GETADDR, AF_INET);
    VALUE(recv(fd, bytes, sizeof bytes, MSG_DONTWAIT));
    BITS(polled(fd, 0));
    DO(listen(fd, 1));
    DO(accept(fd, NULL, NULL));
    close(fd);
}

int main(void)
{
    int inet = socket(AF_INET, SOCK_DGRAM, 0), local_one = socket(AF_UNIX, SOCK_STREAM, 0);
    PART("ioctl");
    by_ioctl(inet);
    addresses_by_ioctl(inet);
    PART("ioctl of a socket of another family");
    by_ioctl(local_one);
    by_libc();
    by_netlink();
    return 0;
}
