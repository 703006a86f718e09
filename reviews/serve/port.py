"""The address that browsers use."""

import errno
import http.client
import socket

TRIES = 50


def listen(host: str, wanted: int) -> socket.socket:
    """A listening socket on the wanted port or the next free one.

    The supervisor holds it and hands it to each web server it starts, so that nobody takes the port while one restarts
    and visitors wait instead of being refused.
    """
    for port in range(wanted, min(wanted + TRIES, 65536)):
        # No SO_REUSEPORT: two servers must never share a port. SO_REUSEADDR lets us have back what we just left.
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(128)
        except OSError as busy:
            listener.close()
            if busy.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
        else:
            return listener
    raise OSError(errno.EADDRINUSE, f"ports {wanted} to {wanted + TRIES - 1} are all taken; set LOADLINE_PORT")


def healthy(host: str, port: int, name: str) -> bool:
    """Whether the site answers 200 on /healthz; `name` is the Host it answers to."""
    link = http.client.HTTPConnection(host, port, timeout=5)
    try:
        link.request("GET", "/healthz", headers={"Host": name})
        return link.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
