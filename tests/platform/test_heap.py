"""Large blocks go back to the system whatever was freed before."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# A block that was freed raises the bound under which the library keeps blocks for itself.
MAPPED = """
import ctypes
from mnemos.heap import LARGE_BYTES, give_large_blocks_back

class Told(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks".split()]
    _fields_ += [(f"rest{number}", ctypes.c_size_t) for number in range(6)]

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.mallinfo2.restype = ctypes.c_void_p, Told
libc.free.argtypes = [ctypes.c_void_p]
if "{given}" == "yes":
    give_large_blocks_back()
libc.free(libc.malloc(16 * LARGE_BYTES))
before = libc.mallinfo2().hblks
libc.malloc(4 * LARGE_BYTES)
print(libc.mallinfo2().hblks - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps them")
@pytest.mark.parametrize(("given", "mapped"), [("yes", "1"), ("no", "0")])
def test_a_large_block_is_the_systems_again_once_it_is_freed(given: str, mapped: str) -> None:
    program = [sys.executable, "-c", MAPPED.replace("{given}", given)]
    said = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    assert said.strip() == mapped
