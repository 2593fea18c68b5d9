from collections import Counter

from tests.mock_sender.traffic.days import every_business, many


@every_business
def test_summaries_are_in_the_languages_of_the_callers(business):
    summaries = Counter(call[-1]["data"]["summary"] for call in many(business))

    for language, matters in business.matters.items():
        own = {matter.summary for matter in (*matters.booking, *matters.question)}
        share = sum(count for summary, count in summaries.items() if summary in own) / summaries.total()
        assert share > 0
        assert business.languages[language] > 30 or share < 0.3
