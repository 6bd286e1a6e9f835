import http.server
import socket
import threading
import urllib.error
import urllib.request


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body[::-1])


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
at = f"http://localhost:{server.server_port}"
with open("page.html", "w") as page:
    page.write("<p>plum</p>")
with urllib.request.urlopen(f"{at}/page.html") as answer:
    print(answer.status, answer.headers["Content-Type"], answer.read())
data = b"drupe" * 50_000
with urllib.request.urlopen(f"{at}/", data) as answer:
    body = answer.read()
    print(answer.status, len(body), body == data[::-1])
try:
    urllib.request.urlopen(f"{at}/none")
except urllib.error.HTTPError as error:
    print(error)
try:
    socket.create_connection(("192.0.2.1", 80), 5)
except OSError as error:
    print(error)
print(socket.if_nameindex())
server.shutdown()
