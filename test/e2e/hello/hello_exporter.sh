#!/bin/bash
# One scrape: the request on stdin, the page on stdout.
while read -r LINE && [ "$LINE" != $'\r' ]; do :; done
PAGE="# TYPE hello_said gauge
hello_said{word=\"$1\"} 1
"
printf 'HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' ${#PAGE} "$PAGE"
