/*
 * The program that ships with Drupe: it says where it runs, without a libc.
 * Rebuilt by `npm run build:hello`, which needs a riscv64 cross compiler; the ELF file beside it is its output.
 */
#include <sys/utsname.h>

enum { SYS_write = 64, SYS_exit = 93, SYS_uname = 160, SYS_getpid = 172 };

static long syscall3(long number, long first, long second, long third)
{
	register long a7 asm("a7") = number;
	register long a0 asm("a0") = first;
	register long a1 asm("a1") = second;
	register long a2 asm("a2") = third;
	asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
	return a0;
}

static void print(const char *text)
{
	long length = 0;
	while (text[length])
		length++;
	syscall3(SYS_write, 1, (long)text, length);
}

static void print_number(unsigned long value)
{
	char digits[21];
	char *at = digits + sizeof digits - 1;
	*at = 0;
	do
		*--at = '0' + value % 10;
	while (value /= 10);
	print(at);
}

__attribute__((used)) static void run(long *stack)
{
	long argc = stack[0];
	char **argv = (char **)(stack + 1);
	struct utsname name;
	syscall3(SYS_uname, (long)&name, 0, 0);
	print("Hello from an unmodified ");
	print(name.machine);
	print(" ");
	print(name.sysname);
	print(" program, process ");
	print_number(syscall3(SYS_getpid, 0, 0, 0));
	print(" of its own kernel.\n");
	for (long i = 1; i < argc; i++) {
		print("  argument ");
		print_number(i);
		print(": ");
		print(argv[i]);
		print("\n");
	}
	syscall3(SYS_exit, 0, 0, 0);
}

asm(".globl _start\n_start:\n\tmv a0, sp\n\ttail run\n");
