/** Partition type GUIDs that tools on hosts and in fleets know (specification "os-image" 1.2). */
export const partitionTypes = {
  biosBoot: "21686148-6449-6e6f-744e-656564454649",
  efiSystem: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
  boot: "6b636168-7420-6568-2070-6c616e657421",
  root: "5526016a-1a97-4ea4-b39a-b7c8c6ca4502",
  hash: "598f10af-c955-4456-6a99-7720068a6cea",
  reserved: "0c5d99a5-d331-4147-baef-08e2b855bdc9",
  efiBackup: "b39ce39c-0a00-b4ab-2d11-f18f8237a21c",
  private: "440408bb-eb0b-4328-a6e5-a29038fad706",
  data: "626f7474-6c65-6474-6861-726d61726b73",
} as const;
