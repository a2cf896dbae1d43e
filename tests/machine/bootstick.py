# SPDX-License-Identifier: LGPL-2.1-or-later
"""A USB stick whose boot sector proves that a guest can use it.

Booted by a guest's firmware, it reads its own second sector again and again, about once a
second, and prints what it read on the serial line. What is printed has therefore come
through USB just then. When reading fails it prints "unreadable".
"""
import pathlib

# 16-bit code at 0000:7c00, assembled by hand; DL is the drive that it was booted from.
CODE = bytes.fromhex(
    "fa"            # 00       cli
    "31c0"          # 01       xor ax, ax
    "8ed8"          # 03       mov ds, ax
    "8ec0"          # 05       mov es, ax
    "8ed0"          # 07       mov ss, ax
    "bc007c"        # 09       mov sp, 0x7c00
    "fb"            # 0c       sti
    "52"            # 0d again: push dx
    "b80102"        # 0e       mov ax, 0x0201       read one sector
    "b90200"        # 11       mov cx, 0x0002       cylinder 0, sector 2
    "b600"          # 14       mov dh, 0            head 0
    "bb007e"        # 16       mov bx, 0x7e00
    "cd13"          # 19       int 0x13
    "be007e"        # 1b       mov si, 0x7e00
    "7303"          # 1e       jnc print
    "be3d7c"        # 20       mov si, failed
    "ac"            # 23 print: lodsb
    "84c0"          # 24       test al, al
    "740a"          # 26       jz done
    "baf803"        # 28       mov dx, 0x3f8        the first serial line
    "ee"            # 2b       out dx, al
    "b40e"          # 2c       mov ah, 0x0e
    "cd10"          # 2e       int 0x10             and the screen
    "ebf1"          # 30       jmp print
    "b91200"        # 32 done: mov cx, 18
    "f4"            # 35 tick: hlt                  until the timer, 18.2 times a second
    "e2fd"          # 36       loop tick
    "5a"            # 38       pop dx
    "ebd2"          # 39       jmp again
    "9090"          # 3b
) + b"unreadable\r\n\0"     # 3d failed:
SECTOR = 512


def write(path, word, size=1 << 20):
    """Writes the stick's image, which prints word; returns the path."""
    first = CODE.ljust(446, b"\0")
    # One active partition over everything: firmware that looks for one finds it.
    entry = bytes([0x80, 0, 2, 0, 0x0C, 0, 2, 0]) + (1).to_bytes(4, "little") + (size // SECTOR - 1).to_bytes(4, "little")
    first += entry + bytes(48) + b"\x55\xaa"
    second = (word.encode() + b"\r\n\0").ljust(SECTOR, b"\0")
    path = pathlib.Path(path)
    path.write_bytes((first + second).ljust(size, b"\0"))
    return path
