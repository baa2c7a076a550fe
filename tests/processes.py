"""What the processes have in common that tests start."""

import signal


def heed_ctrl_c() -> None:
    """To be called in a new process: end on SIGINT, which a shell's `&` has it ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
