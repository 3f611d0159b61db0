"""nginx before a server, as people run it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fixtures.served import ROOT, free_port, wait_for_port

OURS = ROOT / "docker/nginx/isoline.conf"
CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {compression}
    upstream isoline {{ server 127.0.0.1:{upstream}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ {proxy} {headers} }}
    }}
}}
"""
# HTTP/1.0 is nginx's own default; 1.1 alone is what many write.
WAYS = {
    "default": "proxy_pass http://127.0.0.1:{upstream};",
    "1.1": "proxy_pass http://127.0.0.1:{upstream}; proxy_http_version 1.1;",
    "ours": f"include {OURS};",
}
COMPRESSION = {
    False: "gzip off;",
    # For readers of HTTP/1.0 as well, which is not its default.
    True: "gzip on; gzip_proxied any; gzip_http_version 1.0; gzip_types text/csv;",
}
# An nginx that is to compress asks for what it can.
HEADERS = {False: "", True: 'proxy_set_header Accept-Encoding "";'}


@contextmanager
def nginx(upstream: int, way: str, compresses: bool, folder: Path) -> Iterator[str]:
    """The address of an nginx that asks the server at port `upstream` in one of WAYS."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    assert program, "no nginx: script/setup test installs it"
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(
            folder=folder,
            port=port,
            upstream=upstream,
            proxy=WAYS[way].format(upstream=upstream),
            headers=HEADERS[compresses],
            compression=COMPRESSION[compresses],
        )
    )
    process = subprocess.Popen(
        [program, "-c", str(configuration), "-e", str(folder / "error.log"), "-p", str(folder)]
    )
    try:
        wait_for_port(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
