from collections.abc import Iterator

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import TextResponse


class TitleSpider(scrapy.Spider):
    name = "title"
    start_urls = ["data:text/html,<title>frozen spider</title>"]

    def parse(self, response: TextResponse) -> Iterator[dict[str, str]]:
        print("title:", response.css("title::text").get(), flush=True)
        yield {}


process = CrawlerProcess(settings={"LOG_LEVEL": "ERROR"})
process.crawl(TitleSpider)
process.start()
