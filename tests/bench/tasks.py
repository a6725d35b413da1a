"""What models are judged on: data to calibrate with, and a score for each sample that is held out.

Data lies in a folder that is not part of the project; a task whose model or data is absent is None.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from sparseview.model.document import Model
from sparseview.runtime.engine import Engine


@dataclass(frozen=True)
class Task:
    """A model, arrays to calibrate on, and how good it is.

    outputs : runs the samples to judge by; whatever `score` needs.
    score : one number from those outputs and the samples' positions among them (with repeats, for
    the bootstrap); `metric` names it, the lower the better: an error.
    """

    model: Path
    feeds: dict[str, np.ndarray]
    metric: str
    outputs: Callable[[Model], np.ndarray]
    score: Callable[[np.ndarray, np.ndarray], float]


def run(model: Model, feeds: dict[str, np.ndarray], batch: int) -> Iterator[np.ndarray]:
    """The first output, batch by batch; feeds have one first axis."""
    with Engine(model) as engine:
        count = len(next(iter(feeds.values())))
        for start in range(0, count, batch):
            part = {name: array[start : start + batch] for name, array in feeds.items()}
            yield engine.run(part)[engine.tensors[0]]


def classes(
    model: Path, name: str, calibrate: np.ndarray, judge: np.ndarray, labels: np.ndarray, batch=1
) -> Task:
    """A classifier: the share of wrong answers."""

    def outputs(candidate: Model) -> np.ndarray:
        found = np.concatenate(list(run(candidate, {name: judge}, batch)))
        return found.reshape(len(judge), -1).argmax(1) != labels

    return Task(model, {name: calibrate}, "wrong", outputs, lambda o, at: float(o[at].mean()))


MEAN = np.array([0.4914, 0.4822, 0.4465], np.float32)
STD = np.array([0.2470, 0.2435, 0.2616], np.float32)


def cifar(model: Path, data: Path, name: str, batch: int) -> Task:
    def images(file: str) -> tuple[np.ndarray, np.ndarray]:
        held = np.load(data / file)
        x = (held["x"].astype(np.float32) / 255 - MEAN) / STD
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2)), held["y"].astype(int).ravel()

    x, y = images("cifar10_test1500.npz")
    return classes(model, name, images("cifar10_calib400.npz")[0], x, y, batch)


def mnist(model: Path, data: Path) -> Task:
    held = np.load(data / "mnist_test_first5000.npz")
    x = held["x"].astype(np.float32)[:, None]
    return classes(model, "Input3", x[:400], x[1000:], held["y"].astype(int)[1000:])


def sst2(model: Path, data: Path) -> Task:
    words_of = json.loads((data / "sst2" / "vocab.json").read_text("utf-8"))
    vocabulary = {word: at for at, word in enumerate(words_of)}

    def lines(file: str) -> tuple[np.ndarray, np.ndarray]:
        rows = [
            line.rsplit("\t", 1)
            for line in (data / "sst2" / file).read_text("utf-8").split("\n")
            if line
        ]
        ids = np.zeros((len(rows), 48), np.int64)
        for at, (text, _) in enumerate(rows):
            words = [vocabulary.get(word, 1) for word in text.lower().split()][:48]
            ids[at, : len(words)] = words
        return ids, np.array([int(label) for _, label in rows])

    x, y = lines("dev.tsv")
    return classes(model, "tokens", lines("train.tsv")[0][:400], x, y, 64)


def stories(model: Path, data: Path) -> Task:
    """Nats per token; stories to judge by and those to calibrate on are different ones."""
    words = _llama2_vocabulary(data / "tok512.bin")
    text = (data / "tinystories_a.txt").read_text("utf-8")
    told = re.split(r"\n\n(?=Once upon a time)", text.strip())
    ids = [[1, *_llama2_encode(words, story)][:192] for story in told]
    chunks = np.array([story for story in ids if len(story) == 192])
    half = len(chunks) // 2
    judge, calibrate = chunks[:half], chunks[half:]

    def outputs(candidate: Model) -> np.ndarray:
        logits = np.concatenate(list(run(candidate, {"input_ids": judge}, 8))).astype(np.float64)
        logits -= logits.max(-1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        return -np.take_along_axis(logs[:, :-1], judge[:, 1:, None], -1)[..., 0].mean(1)

    return Task(model, {"input_ids": calibrate}, "nats/token", outputs,
                lambda o, at: float(o[at].mean()))  # fmt: skip


def _llama2_vocabulary(path: Path) -> dict[bytes, tuple[int, float]]:
    """llama2.c's file: longest token, then (score, length, bytes) of each."""
    raw, at, words = path.read_bytes(), 4, {}
    while at < len(raw):
        score, size = struct.unpack_from("<fi", raw, at)
        words[raw[at + 8 : at + 8 + size]] = (len(words), score)
        at += 8 + size
    return words


def _llama2_encode(words: dict[bytes, tuple[int, float]], text: str) -> list[int]:
    """Word by word: a token never reaches over a blank, which begins a word."""
    return [token for word in re.findall(r" ?[^ ]+", " " + text) for token in _word(words, word)]


def _word(words: dict[bytes, tuple[int, float]], text: str) -> list[int]:
    """Characters, then the neighbours with the best score merged until none is left."""
    parts = [c.encode() for c in text]
    while True:
        neighbours = enumerate(a + b for a, b in pairwise(parts))
        joined = [(words[pair][1], -i) for i, pair in neighbours if pair in words]
        if not joined:
            break
        at = -max(joined)[1]
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    found: list[int] = []
    for part in parts:
        found += [words[part][0]] if part in words else [byte + 3 for byte in part]
    return found


def minilm(model: Path, data: Path) -> Task:
    """1 - Spearman's rank correlation of cosines with people's scores, STS-2015 images."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(data / "minilm_tokenizer.json"))

    def pairs(file: str) -> list[tuple[float, str, str]]:
        rows = [line.split("\t") for line in (data / "sts" / file).read_text("utf-8").split("\n")]
        return [(float(r[0]), r[1], r[2]) for r in rows if len(r) >= 3 and r[0]]

    def feeds(texts: list[str], length: int) -> dict[str, np.ndarray]:
        tokenizer.enable_truncation(length)
        tokenizer.enable_padding(length=length)
        found = tokenizer.encode_batch(texts)
        ids = np.array([e.ids for e in found], np.int64)
        mask = np.array([e.attention_mask for e in found], np.int64)
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}

    rows = pairs("2015_images.tsv")
    wanted = np.array([score for score, _, _ in rows])
    judge = feeds([one for _, one, _ in rows] + [other for _, _, other in rows], 32)
    other = pairs("2012_MSRpar.tsv") + pairs("2014_headlines.tsv")
    full = feeds([text for _, one, two in other for text in (one, two)], 24)
    whole = full["attention_mask"].all(1)  # padding is no input that matters
    calibrate = {name: array[whole][:128] for name, array in full.items()}

    def outputs(candidate: Model) -> np.ndarray:
        hidden = np.concatenate(list(run(candidate, judge, 50)))
        mask = judge["attention_mask"][:, :, None]
        pooled = (hidden * mask).sum(1) / mask.sum(1)
        pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
        return (pooled[: len(rows)] * pooled[len(rows) :]).sum(1)

    def score(cosines: np.ndarray, at: np.ndarray) -> float:
        return 1 - float(np.corrcoef(_ranks(cosines[at]), _ranks(wanted[at]))[0, 1])

    return Task(model, calibrate, "1 - Spearman", outputs, score)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks, equals share theirs."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + ends - 1) / 2)[where]


TASKS: dict[str, Callable[[Path, Path], Task]] = {
    "resnet20_cifar10": lambda model, data: cifar(model, data, "input.1", 1),
    "vit_pgd_cifar10": lambda model, data: cifar(model, data, "input", 100),
    "minilm_l6_v2_fp32": minilm,
    "stories260K": stories,
    "mnist_cntk_ir3": mnist,
    "sst2_bilstm": sst2,
}


def task(name: str, models: Path, data: Path) -> Task | None:
    """The task of that name; None where its model or data is not there."""
    model = models / f"{name}.onnx"
    try:
        return TASKS[name](model, data) if model.exists() else None
    except (FileNotFoundError, ImportError) as error:
        print(f"{name}: skipped, {error}")
        return None
