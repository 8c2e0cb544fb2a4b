"""What is the same of every list that comes as a spreadsheet: how far down its headings may stand, or that none do."""

# Above the headings there may stand a title, the company's name, a date.
HEADINGS_WITHIN = 15


class WrongHeadings(Exception):
    """The table cannot be understood by its headings; the sentence says what to change."""

    def __init__(self, sentence):
        super().__init__(str(sentence))
        self.sentence = sentence
