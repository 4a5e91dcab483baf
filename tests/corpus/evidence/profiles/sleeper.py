"""Handlers on one event loop: one sleeps with the loop's thread, one awaits; one waits for a server with http.client."""
import asyncio
import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def backoff():
    time.sleep(0.02)


async def slow_handler():
    backoff()
    await asyncio.sleep(0)


async def good_handler():
    await asyncio.sleep(0.005)


class Slow(BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.05)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        pass


async def rates_handler(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/")
    return connection.getresponse().read()


async def main(rounds=40):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for _ in range(rounds):
        await asyncio.gather(slow_handler(), good_handler(), rates_handler(server.server_port))
    server.shutdown()


if __name__ == "__main__":
    asyncio.run(main())
