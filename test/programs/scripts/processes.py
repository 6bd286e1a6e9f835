"""What Python's own modules make of processes, threads and signals: one line each."""
import asyncio
import concurrent.futures
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import threading


def square(x):
    return x * x


def put(channel, i):
    channel.put((i, os.getppid() != os.getpid()))


def subprocesses():
    done = subprocess.run(["sh", "-c", "cat; echo error >&2; exit 3"], input=b"input", capture_output=True)
    sort = subprocess.Popen(["sort"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    out, _ = sort.communicate("b\na\n")
    killed = subprocess.Popen(["sleep", "100"])
    killed.terminate()
    try:
        subprocess.run(["sleep", "100"], timeout=0.1)
    except subprocess.TimeoutExpired as late:
        out += str(round(late.timeout, 1))
    return done.returncode, done.stdout, done.stderr, out, killed.wait(), subprocess.getoutput("echo x | tr x y")


def threads():
    count, lock, seen = [0], threading.Lock(), queue.Queue()

    def add():
        for _ in range(500):
            with lock:
                count[0] += 1

    barrier = threading.Barrier(4)
    workers = [threading.Thread(target=add) for _ in range(8)]
    workers += [threading.Thread(target=lambda i=i: (barrier.wait(), seen.put(i))) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    event = threading.Event()
    threading.Timer(0.01, event.set).start()
    return count[0], sorted(seen.get() for _ in range(4)), event.wait()


def signals():
    got = []
    signal.signal(signal.SIGALRM, lambda signo, frame: got.append(signo))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.pause()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    os.kill(os.getpid(), signal.SIGUSR2)
    got.append(signal.sigwaitinfo([signal.SIGUSR2]).si_signo)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.raise_signal(signal.SIGALRM)
    signal.set_wakeup_fd(-1)
    return [int(signo) for signo in got], os.read(reader, 10)


def processes(method):
    context = multiprocessing.get_context(method)
    channel = context.Queue()
    children = [context.Process(target=put, args=(channel, i)) for i in range(3)]
    for child in children:
        child.start()
    got = sorted(channel.get() for _ in children)
    for child in children:
        child.join()
    with context.Pool(2) as pool:
        squares = pool.map(square, range(10))
    return got, [child.exitcode for child in children], squares


def futures():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        first = list(pool.map(square, range(5)))
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        return first, list(pool.map(square, range(5)))


async def loop():
    cat = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    out, _ = await cat.communicate(b"through cat")
    slept = await asyncio.gather(*(asyncio.sleep(0.01 * i, i) for i in range(3)))
    return out, cat.returncode, slept, await asyncio.get_running_loop().run_in_executor(None, square, 7)


CHECKS = {
    "subprocess": subprocesses,
    "threading": threads,
    "signal": signals,
    "fork": lambda: processes("fork"),
    "spawn": lambda: processes("spawn"),
    "futures": futures,
    "asyncio": lambda: asyncio.run(loop()),
}

if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, CHECKS[name](), flush=True)
