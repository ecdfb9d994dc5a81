import type { Peer } from '@teleport-plugins/testing';

export const gnuTar: Peer = { program: 'tar', install: 'apt-get install tar' };
export const chroot: Peer = { program: 'chroot', install: 'apt-get install coreutils' };
export const docker: Peer = { program: 'dockerd', install: 'apt-get install docker.io' };
export const skopeo: Peer = { program: 'skopeo', install: 'apt-get install skopeo' };
