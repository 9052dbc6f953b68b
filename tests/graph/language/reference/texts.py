"""Texts whose vectors are compared with the published implementation's."""

LONG = " ".join(
    f"On day {n} of the trip we walked {n * 3} kilometres, ate {n % 7} peaches and met a heron."
    for n in range(1, 60)
)

TEXTS = (
    "",
    "a",
    "I moved to Berlin in May 2023.",
    "My sister Anna works at Siemens; she doesn't like flying.",
    "The Quick BROWN fox — jumps over 13 lazy dogs!?",
    "Ærlig talt, jeg foretrækker rødgrød med fløde.",
    "Ich wohne seit drei Jahren in Köln, früher in Zürich.",
    "J'adore les crêpes à la crème brûlée.",
    "Привет, меня зовут Ольга, я живу в Москве.",
    "Γεια σου, μένω στην Αθήνα.",
    "私は東京に住んでいます。",
    "我在上海的一家银行工作。",
    "저는 서울에 살고 있어요.",
    "أعيش في القاهرة منذ عامين.",
    "אני גר בתל אביב.",
    "मैं दिल्ली में रहता हूँ।",
    "ฉันอาศัยอยู่ที่กรุงเทพฯ",
    "🎉🎂🥳 👩‍👩‍👧‍👦 🇩🇪",
    'def f(x):\n    return {"a": [x, None], "b": x ** 2}  # comment',
    "aGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQ=" * 8,
    "\t  spaces \u00a0 and\u200bnothing  \n\n",
    LONG,
    "東京で暮らす。" * 90,
)
