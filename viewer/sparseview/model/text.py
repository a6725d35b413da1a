"""Make all text of a model UTF-8, as protobuf's Python side hands out bytes where it is not.

ONNX's text fields should be UTF-8, but its schema lets protobuf parse any bytes, and exporters on
systems with other encodings wrote such names.
"""

from __future__ import annotations

from functools import cache

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from sparseview.model.proto import ModelProto


def repair(proto: ModelProto, content: bytes) -> int:
    """Escape what is not UTF-8 in the text of `proto`, which `content` was parsed into.

    Bytes become `\\xff`, so that different names stay different. Returns how many texts changed.
    """
    try:
        _strict().FromString(content)
    except DecodeError:
        return _escape(proto)
    return 0


@cache
def _strict() -> type[Message]:
    """ModelProto with the rule of newer schemas that text is UTF-8.

    Asking every name in Python takes ten times as long as a second parse, which checks as it goes.
    """
    file = descriptor_pb2.FileDescriptorProto()
    ModelProto.DESCRIPTOR.file.CopyToProto(file)
    file.syntax = "proto3"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    name = ModelProto.DESCRIPTOR.full_name
    made: type[Message] = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
    return made


def _escape(message: Message) -> int:
    changed = 0
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for child in (value,) if isinstance(value, Message) else value:
                changed += _escape(child)
        elif field.type != FieldDescriptor.TYPE_STRING or isinstance(value, str):
            continue
        elif isinstance(value, bytes):
            setattr(message, field.name, value.decode("utf-8", "backslashreplace"))
            changed += 1
        else:
            for index, text in enumerate(value):
                if isinstance(text, bytes):
                    value[index] = text.decode("utf-8", "backslashreplace")
                    changed += 1
    return changed
