"""Reads a record file with fastwarc as gongkai does: responses, HTTP heads read, bodies taken whole. Prints seconds of the processor, documents, bytes."""
import sys
import time

from fastwarc.warc import ArchiveIterator, WarcRecordType

path, rounds = sys.argv[1], int(sys.argv[2])
best, documents, size = float("inf"), 0, 0
for _ in range(rounds):
    started = time.process_time()
    documents, size = 0, 0
    with open(path, "rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
            documents += 1
            size += len(record.reader.read())
    best = min(best, time.process_time() - started)
print(best, documents, size)
