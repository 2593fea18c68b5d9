"""How something in a handler's process starts a helper that outlives it: by a fork, by a pool, by a program."""

import concurrent.futures
import multiprocessing
import os
import subprocess
import time

POOLS = []  # one that nobody holds would end its processes


def by_fork():
    pid = os.fork()
    if not pid:
        time.sleep(600)
    return pid


def by_pool():
    POOLS.append(concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")))
    return POOLS[-1].submit(os.getpid).result()


def by_program():
    return subprocess.Popen(["sleep", "600"], close_fds=False).pid


WAYS = {"fork": by_fork, "pool": by_pool, "program": by_program}
