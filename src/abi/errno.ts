/**
 * The errnos of Linux (asm-generic/errno-base.h, asm-generic/errno.h): one frozen object each.
 *
 * A handler returns them as values; nothing throws them.
 */

/** An error number and its name. Compare by identity. */
export class Errno {
  readonly name: string;
  readonly code: number;
  /** What strerror(3) prints. */
  readonly text: string;

  constructor(name: string, code: number, text: string) {
    this.name = name;
    this.code = code;
    this.text = text;
    Object.freeze(this);
  }

  toString(): string {
    return this.name;
  }
}

/** A value, or why there is none. */
export type Result<T> = T | Errno;

export const EPERM = new Errno("EPERM", 1, "Operation not permitted");
export const ENOENT = new Errno("ENOENT", 2, "No such file or directory");
export const ESRCH = new Errno("ESRCH", 3, "No such process");
export const EINTR = new Errno("EINTR", 4, "Interrupted system call");
export const EIO = new Errno("EIO", 5, "Input/output error");
export const ENXIO = new Errno("ENXIO", 6, "No such device or address");
export const E2BIG = new Errno("E2BIG", 7, "Argument list too long");
export const ENOEXEC = new Errno("ENOEXEC", 8, "Exec format error");
export const EBADF = new Errno("EBADF", 9, "Bad file descriptor");
export const ECHILD = new Errno("ECHILD", 10, "No child processes");
export const EAGAIN = new Errno("EAGAIN", 11, "Resource temporarily unavailable");
export const ENOMEM = new Errno("ENOMEM", 12, "Cannot allocate memory");
export const EACCES = new Errno("EACCES", 13, "Permission denied");
export const EFAULT = new Errno("EFAULT", 14, "Bad address");
export const ENOTBLK = new Errno("ENOTBLK", 15, "Block device required");
export const EBUSY = new Errno("EBUSY", 16, "Device or resource busy");
export const EEXIST = new Errno("EEXIST", 17, "File exists");
export const EXDEV = new Errno("EXDEV", 18, "Invalid cross-device link");
export const ENODEV = new Errno("ENODEV", 19, "No such device");
export const ENOTDIR = new Errno("ENOTDIR", 20, "Not a directory");
export const EISDIR = new Errno("EISDIR", 21, "Is a directory");
export const EINVAL = new Errno("EINVAL", 22, "Invalid argument");
export const ENFILE = new Errno("ENFILE", 23, "Too many open files in system");
export const EMFILE = new Errno("EMFILE", 24, "Too many open files");
export const ENOTTY = new Errno("ENOTTY", 25, "Inappropriate ioctl for device");
export const ETXTBSY = new Errno("ETXTBSY", 26, "Text file busy");
export const EFBIG = new Errno("EFBIG", 27, "File too large");
export const ENOSPC = new Errno("ENOSPC", 28, "No space left on device");
export const ESPIPE = new Errno("ESPIPE", 29, "Illegal seek");
export const EROFS = new Errno("EROFS", 30, "Read-only file system");
export const EMLINK = new Errno("EMLINK", 31, "Too many links");
export const EPIPE = new Errno("EPIPE", 32, "Broken pipe");
export const EDOM = new Errno("EDOM", 33, "Numerical argument out of domain");
export const ERANGE = new Errno("ERANGE", 34, "Numerical result out of range");
export const EDEADLK = new Errno("EDEADLK", 35, "Resource deadlock avoided");
export const ENAMETOOLONG = new Errno("ENAMETOOLONG", 36, "File name too long");
export const ENOLCK = new Errno("ENOLCK", 37, "No locks available");
export const ENOSYS = new Errno("ENOSYS", 38, "Function not implemented");
export const ENOTEMPTY = new Errno("ENOTEMPTY", 39, "Directory not empty");
export const ELOOP = new Errno("ELOOP", 40, "Too many levels of symbolic links");
export const ENOMSG = new Errno("ENOMSG", 42, "No message of desired type");
export const EIDRM = new Errno("EIDRM", 43, "Identifier removed");
export const ECHRNG = new Errno("ECHRNG", 44, "Channel number out of range");
export const EL2NSYNC = new Errno("EL2NSYNC", 45, "Level 2 not synchronized");
export const EL3HLT = new Errno("EL3HLT", 46, "Level 3 halted");
export const EL3RST = new Errno("EL3RST", 47, "Level 3 reset");
export const ELNRNG = new Errno("ELNRNG", 48, "Link number out of range");
export const EUNATCH = new Errno("EUNATCH", 49, "Protocol driver not attached");
export const ENOCSI = new Errno("ENOCSI", 50, "No CSI structure available");
export const EL2HLT = new Errno("EL2HLT", 51, "Level 2 halted");
export const EBADE = new Errno("EBADE", 52, "Invalid exchange");
export const EBADR = new Errno("EBADR", 53, "Invalid request descriptor");
export const EXFULL = new Errno("EXFULL", 54, "Exchange full");
export const ENOANO = new Errno("ENOANO", 55, "No anode");
export const EBADRQC = new Errno("EBADRQC", 56, "Invalid request code");
export const EBADSLT = new Errno("EBADSLT", 57, "Invalid slot");
export const EBFONT = new Errno("EBFONT", 59, "Bad font file format");
export const ENOSTR = new Errno("ENOSTR", 60, "Device not a stream");
export const ENODATA = new Errno("ENODATA", 61, "No data available");
export const ETIME = new Errno("ETIME", 62, "Timer expired");
export const ENOSR = new Errno("ENOSR", 63, "Out of streams resources");
export const ENONET = new Errno("ENONET", 64, "Machine is not on the network");
export const ENOPKG = new Errno("ENOPKG", 65, "Package not installed");
export const EREMOTE = new Errno("EREMOTE", 66, "Object is remote");
export const ENOLINK = new Errno("ENOLINK", 67, "Link has been severed");
export const EADV = new Errno("EADV", 68, "Advertise error");
export const ESRMNT = new Errno("ESRMNT", 69, "Srmount error");
export const ECOMM = new Errno("ECOMM", 70, "Communication error on send");
export const EPROTO = new Errno("EPROTO", 71, "Protocol error");
export const EMULTIHOP = new Errno("EMULTIHOP", 72, "Multihop attempted");
export const EDOTDOT = new Errno("EDOTDOT", 73, "RFS specific error");
export const EBADMSG = new Errno("EBADMSG", 74, "Bad message");
export const EOVERFLOW = new Errno("EOVERFLOW", 75, "Value too large for defined data type");
export const ENOTUNIQ = new Errno("ENOTUNIQ", 76, "Name not unique on network");
export const EBADFD = new Errno("EBADFD", 77, "File descriptor in bad state");
export const EREMCHG = new Errno("EREMCHG", 78, "Remote address changed");
export const ELIBACC = new Errno("ELIBACC", 79, "Can not access a needed shared library");
export const ELIBBAD = new Errno("ELIBBAD", 80, "Accessing a corrupted shared library");
export const ELIBSCN = new Errno("ELIBSCN", 81, ".lib section in a.out corrupted");
export const ELIBMAX = new Errno("ELIBMAX", 82, "Attempting to link in too many shared libraries");
export const ELIBEXEC = new Errno("ELIBEXEC", 83, "Cannot exec a shared library directly");
export const EILSEQ = new Errno("EILSEQ", 84, "Invalid or incomplete multibyte or wide character");
export const ERESTART = new Errno("ERESTART", 85, "Interrupted system call should be restarted");
export const ESTRPIPE = new Errno("ESTRPIPE", 86, "Streams pipe error");
export const EUSERS = new Errno("EUSERS", 87, "Too many users");
export const ENOTSOCK = new Errno("ENOTSOCK", 88, "Socket operation on non-socket");
export const EDESTADDRREQ = new Errno("EDESTADDRREQ", 89, "Destination address required");
export const EMSGSIZE = new Errno("EMSGSIZE", 90, "Message too long");
export const EPROTOTYPE = new Errno("EPROTOTYPE", 91, "Protocol wrong type for socket");
export const ENOPROTOOPT = new Errno("ENOPROTOOPT", 92, "Protocol not available");
export const EPROTONOSUPPORT = new Errno("EPROTONOSUPPORT", 93, "Protocol not supported");
export const ESOCKTNOSUPPORT = new Errno("ESOCKTNOSUPPORT", 94, "Socket type not supported");
export const EOPNOTSUPP = new Errno("EOPNOTSUPP", 95, "Operation not supported");
export const EPFNOSUPPORT = new Errno("EPFNOSUPPORT", 96, "Protocol family not supported");
export const EAFNOSUPPORT = new Errno("EAFNOSUPPORT", 97, "Address family not supported by protocol");
export const EADDRINUSE = new Errno("EADDRINUSE", 98, "Address already in use");
export const EADDRNOTAVAIL = new Errno("EADDRNOTAVAIL", 99, "Cannot assign requested address");
export const ENETDOWN = new Errno("ENETDOWN", 100, "Network is down");
export const ENETUNREACH = new Errno("ENETUNREACH", 101, "Network is unreachable");
export const ENETRESET = new Errno("ENETRESET", 102, "Network dropped connection on reset");
export const ECONNABORTED = new Errno("ECONNABORTED", 103, "Software caused connection abort");
export const ECONNRESET = new Errno("ECONNRESET", 104, "Connection reset by peer");
export const ENOBUFS = new Errno("ENOBUFS", 105, "No buffer space available");
export const EISCONN = new Errno("EISCONN", 106, "Transport endpoint is already connected");
export const ENOTCONN = new Errno("ENOTCONN", 107, "Transport endpoint is not connected");
export const ESHUTDOWN = new Errno("ESHUTDOWN", 108, "Cannot send after transport endpoint shutdown");
export const ETOOMANYREFS = new Errno("ETOOMANYREFS", 109, "Too many references: cannot splice");
export const ETIMEDOUT = new Errno("ETIMEDOUT", 110, "Connection timed out");
export const ECONNREFUSED = new Errno("ECONNREFUSED", 111, "Connection refused");
export const EHOSTDOWN = new Errno("EHOSTDOWN", 112, "Host is down");
export const EHOSTUNREACH = new Errno("EHOSTUNREACH", 113, "No route to host");
export const EALREADY = new Errno("EALREADY", 114, "Operation already in progress");
export const EINPROGRESS = new Errno("EINPROGRESS", 115, "Operation now in progress");
export const ESTALE = new Errno("ESTALE", 116, "Stale file handle");
export const EUCLEAN = new Errno("EUCLEAN", 117, "Structure needs cleaning");
export const ENOTNAM = new Errno("ENOTNAM", 118, "Not a XENIX named type file");
export const ENAVAIL = new Errno("ENAVAIL", 119, "No XENIX semaphores available");
export const EISNAM = new Errno("EISNAM", 120, "Is a named type file");
export const EREMOTEIO = new Errno("EREMOTEIO", 121, "Remote I/O error");
export const EDQUOT = new Errno("EDQUOT", 122, "Disk quota exceeded");
export const ENOMEDIUM = new Errno("ENOMEDIUM", 123, "No medium found");
export const EMEDIUMTYPE = new Errno("EMEDIUMTYPE", 124, "Wrong medium type");
export const ECANCELED = new Errno("ECANCELED", 125, "Operation canceled");
export const ENOKEY = new Errno("ENOKEY", 126, "Required key not available");
export const EKEYEXPIRED = new Errno("EKEYEXPIRED", 127, "Key has expired");
export const EKEYREVOKED = new Errno("EKEYREVOKED", 128, "Key has been revoked");
export const EKEYREJECTED = new Errno("EKEYREJECTED", 129, "Key was rejected by service");
export const EOWNERDEAD = new Errno("EOWNERDEAD", 130, "Owner died");
export const ENOTRECOVERABLE = new Errno("ENOTRECOVERABLE", 131, "State not recoverable");
export const ERFKILL = new Errno("ERFKILL", 132, "Operation not possible due to RF-kill");
export const EHWPOISON = new Errno("EHWPOISON", 133, "Memory page has hardware error");

/**
 * What a sleeping call answers when a signal ends its sleep (linux/errno.h); a program never sees these: the return to
 * the guest turns them into EINTR or into a restart, as signal(7), "Interruption of system calls", tells.
 */
export const ERESTARTSYS = new Errno("ERESTARTSYS", 512, "To be restarted if SA_RESTART is set");
export const ERESTARTNOINTR = new Errno("ERESTARTNOINTR", 513, "To be restarted");
export const ERESTARTNOHAND = new Errno("ERESTARTNOHAND", 514, "To be restarted if no handler runs");
export const ERESTART_RESTARTBLOCK = new Errno("ERESTART_RESTARTBLOCK", 516, "Interrupted by signal");
