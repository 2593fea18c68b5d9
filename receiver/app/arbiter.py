"""gunicorn's arbiter, whose end refuses and resets nobody that it need not."""

from __future__ import annotations

import gc
import signal

from gunicorn.arbiter import Arbiter

from .door import narrow
from .patience import ENDS


class GentleArbiter(Arbiter):  # type: ignore[misc]
    """Ctrl-C ends it as SIGTERM does: what has arrived is answered. A second one ends it at once."""

    handle_int = Arbiter.handle_term

    def stop(self, graceful: bool = True) -> None:
        """The socket closes for good, unless it was inherited."""
        for listener in self.LISTENERS if self.app.narrows else ():
            narrow(listener.sock)
        super().stop(graceful)

    def spawn_worker(self) -> int:
        """Between the fork and its own handlers a worker would take a signal in its parent's stead, and live on.

        What was loaded before the fork stays shared: the worker's collector, which would write into it, leaves it out.
        """
        gc.collect()
        gc.freeze()
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
        try:
            return int(super().spawn_worker())
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
