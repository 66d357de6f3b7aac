import { list } from "../basic-types.ts";
import { secret } from "../composed-types.ts";
import { group, setting } from "../declaration.ts";
import { hostname, hostsEntries } from "../network-types.ts";
import { singleLine, url } from "../text-types.ts";

export const network = group(
  {
    hostname: setting(hostname, {
      doc: "The name of this host.",
      example: "node-7.example.com",
      affects: ["hostname", "hosts"],
      generatedBy: "netdog generate-hostname",
    }),
    hosts: setting(hostsEntries, {
      doc: "Further lines of /etc/hosts: pairs of an IP address and the names it has.",
      example: [["192.0.2.9", ["db", "db.example.com"]]],
      affects: ["hosts"],
    }),
    "https-proxy": setting(secret(url), {
      doc: "The proxy through which programs on the host reach HTTPS servers. May contain a user name and a password.",
      example: "http://proxy.example.com:3128",
    }),
    "no-proxy": setting(list(singleLine), {
      doc: "Hosts, domains and networks that are reached without the proxy. localhost and 127.0.0.1 always are.",
      example: ["10.0.0.0/8", ".example.com"],
    }),
  },
  {
    about: {
      doc: "The host's names and its way out.",
      // What every kind of variant has of these is affected; updog too, whose file holds both proxy
      // settings and was forgotten by the reference (specification "settings" 9.2).
      affects: ["containerd", "docker", "kubernetes", "ecs", "host-containerd", "host-containers", "updog"],
    },
  },
);
