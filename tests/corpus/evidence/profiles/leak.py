"""A cache that is never emptied, and work that gives its memory back."""
import time

try:
    profile
except NameError:
    from memory_profiler import profile

CACHE = []


@profile
def remember(n):
    page = b"x" * (512 * 1024)
    CACHE.append((n, page))


@profile
def work():
    numbers = list(range(1_000))
    total = sum(numbers)
    del numbers
    return total


def main():
    for n in range(60):
        remember(n)
        work()
        time.sleep(0.02)


if __name__ == "__main__":
    main()
