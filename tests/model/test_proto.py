"""Message classes load without the onnx package, and are the ones that onnx itself uses."""

import subprocess
import sys


def run(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_session_needs_nothing_of_onnx_but_its_messages() -> None:
    run(
        "import sys, sparseview.session\n"
        "heavy = {'onnx', 'onnx.helper', 'onnx.checker', 'onnx.numpy_helper', 'onnxruntime'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
        "from sparseview.model.proto import ModelProto\n"
        "assert ModelProto.__module__ == 'onnx.onnx_ml_pb2'"
    )


def test_onnx_imported_later_has_the_same_classes() -> None:
    run(
        "from sparseview.model import proto\n"
        "import onnx, onnx.onnx_ml_pb2\n"
        "for name in proto.__all__:\n"
        "    assert getattr(proto, name) is getattr(onnx, name), name\n"
        "tensor = onnx.helper.make_tensor('t', proto.TensorProto.FLOAT, [1], [2.0])\n"
        "assert isinstance(tensor, proto.TensorProto)\n"
        "assert onnx.numpy_helper.to_array(tensor) == [2.0]"
    )


def test_onnx_imported_first_is_taken_as_it_is() -> None:
    run(
        "import onnx\n"
        "from sparseview.model import proto\n"
        "for name in proto.__all__:\n"
        "    assert getattr(proto, name) is getattr(onnx, name), name"
    )
