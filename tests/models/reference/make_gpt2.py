"""Saves a small GPT-2 with random weights as the package `transformers` does, and writes what it computes.

    python make_gpt2.py        writes gpt2/, gpt2_shards/ and gpt2.figures.json beside this file; README.md describes them

Everything is computed in f64 from the weights as they are in the file.
"""

import json
import pathlib
import random
import shutil

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

import formulas

HERE = pathlib.Path(__file__).resolve().parent
END = "<|endoftext|>"
VOCAB, BLOCK, LAYERS, HEADS, WIDTH = 97, 16, 2, 2, 32
BATCHES, BATCH, STEPS = 4, 3, 20
RATE, BETAS, DECAY = 6e-4, (0.9, 0.95), 0.1
PROMPT, GREEDY_TOKENS = "the cat ", 40
LEARNING_STEPS = 100
UNREAD = {"generation_config.json", "tokenizer_config.json"}  # nothing here depends on them
GREEDY_GAP = 1e-3  # the two likeliest logits must lie further apart, or rounding could decide
WORDS = "the a cat dog sat ran on under mat hat and then it's they'll saw one two red big small tree house never green garden water".split()


def save_tokenizer(folder, text):
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    # Without an alphabet to start from, only the bytes of the text: 256 would be more than the model has.
    trained.train_from_iterator([text], trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=[END], show_progress=False))
    parts = json.loads(trained.to_str())["model"]
    assert len(parts["vocab"]) == VOCAB, len(parts["vocab"])
    tokenizer = GPT2Tokenizer(vocab=parts["vocab"], merges=[tuple(merge) for merge in parts["merges"]])
    tokenizer.save_pretrained(folder)
    return tokenizer


def make_model():
    torch.manual_seed(1)
    config = GPT2Config(vocab_size=VOCAB, n_positions=BLOCK, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS,
                        resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, bos_token_id=0, eos_token_id=0)
    model = GPT2LMHeadModel(config)
    with torch.no_grad():  # larger than a fresh model's, so that attention and the gains matter
        for name, parameter in model.named_parameters():
            centre = 1 if "ln_" in name and name.endswith("weight") else 0
            parameter.copy_(centre + 0.2 * torch.randn_like(parameter))
    return model


def learn(model, ids):
    """Some steps on the text, so that a greedy continuation is more than one word again and again."""
    torch.manual_seed(3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(LEARNING_STEPS):
        starts = torch.randint(len(ids) - BLOCK, (16,)).tolist()
        rows = torch.tensor([ids[at : at + BLOCK + 1] for at in starts])
        optimizer.zero_grad()
        loss_of(model, rows[:, :-1], rows[:, 1:]).backward()
        optimizer.step()


def loss_of(model, tokens, targets):
    return torch.nn.functional.cross_entropy(model(tokens).logits.flatten(0, 1), targets.flatten())


def greedy(model, ids):
    """Continues ids, with the last BLOCK of them in sight."""
    for _ in range(GREEDY_TOKENS):
        logits = model(torch.tensor([ids[-BLOCK:]])).logits[0, -1]
        best = logits.topk(2)
        assert best.values[0] - best.values[1] > GREEDY_GAP, "choose another prompt"
        if best.indices[0] == 0:
            break
        ids.append(best.indices[0].item())
    return ids


def evaluate(model, ids):
    """The loss of each split, its windows side by side."""
    ends = [0, len(ids) * 8 // 10, len(ids) * 9 // 10, len(ids)]
    losses = {}
    for name, first, end in zip(["train", "dev", "test"], ends, ends[1:]):
        part = torch.tensor(ids[first:end])
        windows = [part[at : at + BLOCK + 1] for at in range(0, len(part) - BLOCK, BLOCK)]
        rows = torch.stack(windows)
        losses[name] = loss_of(model, rows[:, :-1], rows[:, 1:]).item()
    return losses


def main():
    for name in ["gpt2", "gpt2_shards"]:
        shutil.rmtree(HERE / name, ignore_errors=True)
    rng = random.Random(1)
    text = "".join(" ".join(rng.choices(WORDS, k=rng.randrange(3, 9))) + rng.choice([".\n", "!\n"]) for _ in range(120))
    tokenizer = save_tokenizer(HERE / "gpt2", text)
    (HERE / "gpt2" / "text.txt").write_text(text)
    model = make_model()
    learn(model, tokenizer.encode(text))
    model.save_pretrained(HERE / "gpt2")
    model.to(torch.bfloat16).save_pretrained(HERE / "gpt2_shards", max_shard_size="20KB")
    for path in [*(HERE / "gpt2").iterdir(), *(HERE / "gpt2_shards").iterdir()]:
        path.chmod(0o644)
        if path.name in UNREAD or path.parent.name == "gpt2_shards" and path.name == "config.json":
            path.unlink()

    model = GPT2LMHeadModel.from_pretrained(HERE / "gpt2", dtype=torch.float32).to(torch.float64)
    model.eval()
    torch.manual_seed(2)
    batches = torch.randint(VOCAB, (BATCHES, BATCH, BLOCK + 1))
    inputs, targets = batches[..., :-1], batches[..., 1:]
    with torch.no_grad():
        figures = {
            "prompt": PROMPT,
            "greedy": tokenizer.decode(greedy(model, tokenizer.encode(PROMPT))),
            "greedy_tokens": GREEDY_TOKENS,
            "evaluated": evaluate(model, tokenizer.encode(text)),
            "tokens": inputs.flatten(1).tolist(),
            "targets": targets.flatten(1).tolist(),
            "logits": [float(f"{x:.9g}") for x in model(inputs[0]).logits.flatten().tolist()],
        }

    loss_of(model, inputs[0], targets[0]).backward()
    names = {name: parameter for name, parameter in model.named_parameters()}
    figures["gradients"] = {name.removeprefix("transformer."): formulas.summary(p.grad.numpy()) for name, p in names.items()}

    matrices = [p for p in names.values() if p.dim() >= 2]
    others = [p for p in names.values() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0}], lr=RATE, betas=BETAS)
    losses = []
    for step in range(STEPS + 1):
        loss = loss_of(model, inputs[step % BATCHES], targets[step % BATCHES])
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    figures["losses"] = losses
    (HERE / "gpt2.figures.json").write_text(json.dumps(figures, separators=(",", ":")) + "\n")


main()
