/** Where the containerd of the host containers listens. */
export const HOST_CONTAINERD_SOCKET = "/run/host-containerd/containerd.sock";
