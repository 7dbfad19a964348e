"""Trains a byte-level vocabulary and writes what the package `tokenizers` makes of hostile texts; README.md says what."""

import json
import pathlib
import random

from tokenizers import AddedToken, ByteLevelBPETokenizer, Tokenizer, models, pre_tokenizers

HERE = pathlib.Path(__file__).resolve().parent
MERGES = 1000
END = "<|endoftext|>"
MORE_SPECIALS = ["<|pad|>", "<|pad|><|pad|>", "two words", "日本|>"]

SENTENCES = [
    "The quick brown fox jumps over the lazy dog; it's what they'd do, and we've said we'll see.",
    "don't DON'T can't I'm I'M you're they'll he'd ''s 's 't ' s",
    "In 1492, 3.14159 and 1,000,000 are numbers, as are ٣٤٥, Ⅷ, ½, ² and 五.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "いろはにほへと ちりぬるを わかよたれそ つねならむ",
    "天地玄黃 宇宙洪荒 日月盈昃 辰宿列張",
    "다람쥐 헌 쳇바퀴에 타고파",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण",
    "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر",
    "דג סקרן שט בים מאוכזב ולפתע מצא לו חברה",
    "👩‍👩‍👧‍👦 👍🏽 🇳🇿 🏴󠁧󠁢󠁷󠁬󠁳󠁿 ❤️ 🤷🏾‍♀️ 😀😃😄",
    "for (int i = 0; i < n; ++i) {\n\tsum += x[i] * y[i];\n\n    }\r\n",
    "e\u0301 n\u0303 o\u0308 \u1e9b\u0323 ﬁ ﬀ Å Å K",
    "a\u00a0b\u2003c\u3000d\u2028e\u2029f\u0085g\u200bh\ufeffi\u1680j",
]

TEXTS = [
    "", " ", "  ", "\n", "\t", "a", " a", "  a", "a ", "a  ", "a \n b", "a\n\n\nb", " \n \t x", "\r\n\r\nx\r\n", "x\u000b\u000cy",
    "'s", " 's", "''s", "'S", "it's", "it 's", "'ll'll", "'re've'm'd't", "'l", "'r", "'v", "a'", "a'b", "!'s", "1's",
    "\u00a0x", "\u00a0\u00a0x", "x\u3000\u3000y", "\u2028", " \u2003 x", "\u0085\u0085a", "\u180e", "\u200b\u200c\u200d", "\ufeffx",
    "0123456789", "1 2  3", "3.14", "a1b2", "١٢٣", "Ⅻ", "½x", "²", "五", "𝟘𝟙", "㊿",
    "e\u0301", "\u0301", " \u0301a", "a\u0301\u0302\u0303" * 5, "क्षि", "กำ", "\u1160\u11a8", "ﷺ", "İıſẞ",
    "👩‍👩‍👧‍👦", " 👍🏽!", "🇳🇿🇳🇿", "\U000e0067\U000e007f", "\U0010ffff", "\ue000", "\ufffd", "\uffff", "\ufdd0",
    "\x00", "\x00\x01\x02\x1f\x7f\x80\x9f", "a\x00b", "\x1b[31mred\x1b[0m",
    "\u202eevil\u202c", "\u2066x\u2069", "а" "a", "ＡＢＣ１２３", "\U0001f1e6", "\u0378", "\U000323af", "\U000323b0", "\ua7cb",
    "a" * 300, " " * 300, " " * 300 + "x", "ab" * 400, "\n" * 70 + "x", "!" * 130, "é" * 90, "'" * 40,
    END, END * 3, "a" + END + "b", " " + END + " ", "<|endoftext|", "<|endoftext |>", "<" + END + ">", "\n" + END + "\n",
    "<|pad|>", "<|pad|><|pad|>", "<|pad|><|pad|><|pad|>x", "x<|pad|>'s", "two words", "two  words", "atwo wordsb", "日本|>日本",
    "Hello<|pad|> 's", "\tx<|pad|>\ty<|pad|> z", "<|pad|>\n", "  <|pad|>  x",
]


def corpus(rng):
    lines = list(SENTENCES)
    words = [word for sentence in SENTENCES for word in sentence.split(" ")]
    for _ in range(400):
        lines.append(rng.choice([" ", "  ", "\n", "\t"]).join(rng.choices(words, k=rng.randrange(2, 12))))
    return lines


def random_text(rng):
    """Code points of all planes, with what matters to the splitting more often than not."""
    pools = ["etaoin shrdlu", " \n\t\r\u00a0\u3000", "'strevmld", "0123456789", "!?.,;:-_()[]{}<>|/\\@#$%^&*"]
    out = []
    for _ in range(rng.randrange(1, 40)):
        kind = rng.randrange(9)
        if kind < len(pools):
            out += rng.choices(pools[kind], k=rng.randrange(1, 6))
        elif kind == 5:
            out.append(rng.choice(SENTENCES)[rng.randrange(20) :][: rng.randrange(1, 9)])
        elif kind == 6:
            out.append(chr(rng.randrange(0x80, 0xD800)))
        elif kind == 7:
            out.append(chr(rng.randrange(0xE000, 0x110000)))
        else:
            out.append(rng.choice([END, "<|pad|>", "'s", "'ll", " '", "\u200d", "\u0301"]))
    return "".join(out)


def classes_hash():
    split = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str
    value = 0xCBF29CE484222325
    for code in range(0x110000):
        if 0xD800 <= code <= 0xDFFF:
            continue
        joined = [len(split(before + chr(code))) == 1 for before in "a1!"]
        kind = {(True, False, False): 1, (False, True, False): 2, (False, False, True): 0, (False, False, False): 3}[tuple(joined)]
        value = (value ^ kind) * 0x100000001B3 % 2**64
    return value


def main():
    rng = random.Random(1)
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(corpus(rng), vocab_size=257 + MERGES, min_frequency=2, special_tokens=[END], show_progress=False)
    trained.save_model(str(HERE))

    pair = Tokenizer(models.BPE.from_file(str(HERE / "vocab.json"), str(HERE / "merges.txt")))
    pair.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pair.add_special_tokens([END])
    whole = Tokenizer.from_str(pair.to_str())
    whole.add_special_tokens([AddedToken(text, normalized=False) for text in MORE_SPECIALS])
    (HERE / "tokenizer.json").write_text(whole.to_str(pretty=False) + "\n")
    spaced = Tokenizer.from_str(whole.to_str())
    spaced.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)

    cases = []
    for text in TEXTS + SENTENCES + [random_text(rng) for _ in range(400)]:
        case = {"text": text, "ids": whole.encode(text).ids}
        for name, other in [("pair", pair), ("spaced", spaced)]:
            ids = other.encode(text).ids
            if ids != case["ids"]:
                case[name] = ids
        cases.append(case)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (HERE / "tokens.json").write_text(f'{{"classes": {classes_hash()}, "cases": [\n{lines}\n]}}\n')


main()
