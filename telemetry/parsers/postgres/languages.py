"""Server messages in another language: recognised by their own words, so that nobody reads silence as health."""

# lc_messages translates severities and texts; these are the words of PostgreSQL's own catalogs (src/backend/po).
_SEVERITIES: dict[str, str] = {
    "German": "FEHLER WARNUNG HINWEIS TIPP ANWEISUNG ZUSAMMENHANG",
    "French": "ERREUR ATTENTION DÉTAIL ASTUCE CONTEXTE INSTRUCTION",
    "Spanish": "DETALLE SUGERENCIA SENTENCIA",
    "Portuguese": "ERRO DETALHE DICA COMANDO INSTRUÇÃO",
    "Italian": "ERRORE DETTAGLI SUGGERIMENTO CONTESTO ISTRUZIONE",
    "Russian": "ОШИБКА СООБЩЕНИЕ ВАЖНО ПАНИКА ПРЕДУПРЕЖДЕНИЕ ПОДРОБНОСТИ ПОДСКАЗКА КОНТЕКСТ ОПЕРАТОР",
    "Ukrainian": "ПОМИЛКА ЗАПИС ДЕТАЛІ",
    "Polish": "BŁĄD DZIENNIK SZCZEGÓŁY",
    "Turkish": "HATA AYRINTI",
    "Swedish": "FEL LOGG DETALJ",
    "Chinese": "错误 日志 致命错误 警告 详细信息 语句",
    "Japanese": "エラー 詳細",
    "Korean": "오류 로그",
}
_DURATIONS: dict[str, str] = {
    "Dauer": "German",
    "durée": "French",
    "duración": "Spanish",
    "duração": "Portuguese",
    "durata": "Italian",
    "продолжительность": "Russian",
    "тривалість": "Ukrainian",
    "czas trwania": "Polish",
    "süre": "Turkish",
    "varaktighet": "Swedish",
    "执行时间": "Chinese",
    "期間": "Japanese",
    "실행시간": "Korean",
}
FOREIGN_SEVERITIES: dict[bytes, str] = {
    word.encode(): language for language, words in _SEVERITIES.items() for word in words.split()
}
_FOREIGN_DURATIONS: dict[bytes, str] = {word.encode(): language for word, language in _DURATIONS.items()}
REMEDY = "set lc_messages = 'C' on the server and send a log written after that"


def language_of_message(message: bytes) -> str:
    """The language of a translated duration message such as `Dauer: 5.1 ms`, "" when it is none."""
    word = message[:80].partition(b":")[0].strip()
    return _FOREIGN_DURATIONS.get(word.removesuffix(b"\xc2\xa0"), "")
