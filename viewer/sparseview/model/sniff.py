"""Say what a file that is no readable ONNX model seems to be: truncated, or something else."""

from __future__ import annotations

from sparseview.errors import SparseviewError
from sparseview.model.protobuf import BYTES, VARINT, read_varint
from sparseview.model.source import Source

HEAD = 1024  # bytes looked at to tell what a file is
WINDOW = 20  # bytes that hold any tag and length
MAX_FIELDS = 10_000  # top-level fields looked at for the one that is cut off
GET_ONNX = "Give the path of an .onnx file."
EXPORT = "Export the model to ONNX first, for example with torch.onnx.export."

# first bytes -> (what it is, what to do); the offset is 0 but where a third entry says otherwise
SIGNATURES: tuple[tuple[bytes, int, str, str], ...] = (
    (
        b"version https://git-lfs",
        0,
        "a git-LFS pointer, which stands for a file that was not fetched",
        "Run `git lfs pull` in its repository.",
    ),
    (
        b"PK\x03\x04",
        0,
        "a zip archive, as PyTorch's .pt files, .npz and .keras are",
        "Unpack it, or export the model to ONNX first.",
    ),
    (b"\x89HDF\r\n", 0, "an HDF5 file, as Keras writes", EXPORT),
    (b"\x80\x02", 0, "a Python pickle, as old PyTorch checkpoints are", EXPORT),
    (b"\x80\x03", 0, "a Python pickle", EXPORT),
    (b"\x80\x04", 0, "a Python pickle", EXPORT),
    (b"\x80\x05", 0, "a Python pickle", EXPORT),
    (b"GGUF", 0, "a GGUF file, as llama.cpp reads", GET_ONNX),
    (b"TFL3", 4, "a TensorFlow Lite model", "Convert it with tf2onnx first."),
    (b"ORTM", 4, "a model in ONNX Runtime's own format", "Give the .onnx file it was made from."),
    (b"\x1f\x8b", 0, "a gzip file", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7z archive", "Unpack it first."),
    (b"\xfd7zXZ\x00", 0, "an xz file", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", 0, "a zstd file", "Unpack it first."),
    (b"ustar", 257, "a tar archive", "Unpack it first."),
    (b"%PDF", 0, "a PDF", GET_ONNX),
    (b"\x89PNG", 0, "an image", GET_ONNX),
    (b"\xff\xd8\xff", 0, "an image", GET_ONNX),
    (b"\x7fELF", 0, "a program", GET_ONNX),
    (b"MZ", 0, "a program", GET_ONNX),
    (b"\x93NUMPY", 0, "a NumPy array", GET_ONNX),
)
# ModelProto's fields: number -> wire type
MODEL_FIELDS = {
    1: VARINT,
    5: VARINT,
    **dict.fromkeys((2, 3, 4, 6, 7, 8, 14, 20, 25, 26), BYTES),
}


def refuse(source: Source, error: Exception) -> SparseviewError:
    """The error to raise for a file that gave `error` on opening; closes it."""
    if isinstance(error, SparseviewError) and error.code == "changed":
        return error
    path = source.path
    try:
        head = source.read(0, min(HEAD, source.size))
        look = _looks_like(head, source.size)
        promised = None if look else _promised(source)
    except SparseviewError as unreadable:
        return unreadable
    finally:
        source.close()
    if look:
        return SparseviewError(
            f"{path} is not an ONNX model: it looks like {look[0]}.", look[1], "not-onnx"
        )
    if promised:
        return SparseviewError(
            f"{path} is truncated: it should hold at least {promised:,} bytes, "
            f"but {source.size:,} are there.",
            "Copy or download it again.",
            "truncated",
        )
    if isinstance(error, SparseviewError):
        why = error.message.removeprefix("The file is not a readable protobuf message: ")
    elif isinstance(error, OSError):
        why = f"it cannot be mapped into memory, {error.strerror}"
    elif "MaxDepth" in str(error):
        why = "it is nested deeper than 100 messages"
    else:
        why = "protobuf cannot parse it"
    return SparseviewError(
        f"{path} is not a readable ONNX model: {why[:1].lower()}{why[1:].rstrip('.')}.",
        "It may be damaged: copy or export it again.",
        "not-onnx",
    )


def _looks_like(head: bytes, size: int) -> tuple[str, str] | None:
    for signature, offset, what, hint in SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return what, hint
    if not head.strip(b"\0"):
        return "nothing but zero bytes", "Copy or download it again."
    if len(head) > 9 and int.from_bytes(head[:8], "little") < size and head[8:9] == b"{":
        return "a safetensors file", EXPORT
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page", "Download the file itself, not the page that shows it."
    if text.startswith((b"{", b"[")):
        return "JSON", GET_ONNX
    if b"ir_version:" in text and text.startswith(b"<"):
        return "ONNX's text format", "Convert it with onnx.parser.parse_model and onnx.save."
    if _is_text(head):
        return "a text file", GET_ONNX
    return None


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # the last character may be cut in two
            return False
        text = head[: error.start].decode("utf-8")
    return all(character.isprintable() or character in "\t\r\n\f" for character in text)


def _promised(source: Source) -> int | None:
    """The bytes that a model's last top-level field claims to reach to, if beyond the file.

    Only if every field before it is one of a ModelProto: else it is nonsense, not a cut-off model.
    """
    pos = 0
    for _ in range(MAX_FIELDS):
        window = source.read(pos, min(WINDOW, source.size - pos))
        try:
            tag, at = read_varint(window, 0, len(window))
            if MODEL_FIELDS.get(tag >> 3) != tag & 7:
                return None
            value, at = read_varint(window, at, len(window))
        except SparseviewError:
            return source.size + 1 if 0 < len(window) < WINDOW else None
        pos += at + (value if tag & 7 == BYTES else 0)
        if pos > source.size:
            return pos
    return None
