"""Objects, dictionaries, strings, json, re, hashing and integers: what Python programs are made of. One argument: how often."""
import hashlib
import json
import re
import sys


class Item:
    def __init__(self, key, weight):
        self.key = key
        self.weight = weight

    def score(self):
        return self.weight * len(self.key)


def words(seed, count):
    for _ in range(count):
        seed = (seed * 1103515245 + 12345) % 2147483648
        yield f"w{seed % 977}-{seed // 4096 % 251:x}"


def primes(limit):
    sieve = bytearray([1]) * limit
    for i in range(2, int(limit**0.5) + 1):
        if sieve[i]:
            sieve[i * i :: i] = bytes(len(range(i * i, limit, i)))
    return sum(i for i in range(2, limit) if sieve[i])


def round_of_work(number):
    counts = {}
    for word in words(number, 20000):
        counts[word] = counts.get(word, 0) + 1
    items = [Item(key, weight) for key, weight in counts.items()]
    items.sort(key=lambda item: (-item.score(), item.key))
    text = json.dumps({item.key: {"weight": item.weight, "score": item.score()} for item in items[:2000]})
    back = json.loads(text)
    total = sum(value["score"] for value in back.values())
    total += sum(int(a) * int(b, 16) for a, b in re.findall(r"w(\d+)-([0-9a-f]+)", text))
    total += int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
    total += primes(20000) + pow(3, 2000 + number, 10**40 + 7)
    return total


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(sum(round_of_work(number) for number in range(rounds)) % 1000000007)


main()
