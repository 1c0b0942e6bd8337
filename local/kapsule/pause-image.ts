import { ociArchive } from "./oci-archive";

/** Image of the process that holds a pod's namespaces. */
export const PAUSE_IMAGE = "kapsule.internal/pause:1";

const LOAD_ADDRESS = 0x400000;
const ELF_HEADER = 64;
const PROGRAM_HEADER = 56;

/** The pause image as an archive for `ctr images import`. */
export function pauseArchive(): Buffer {
  return ociArchive({
    name: PAUSE_IMAGE,
    files: [{ path: "pause", content: pauseProgram(), mode: 0o755 }],
    entrypoint: ["/pause"],
  });
}

/**
 * A static x86-64 program, written out here so that no machine needs a C compiler for it: it ignores SIGCHLD, by which
 * the kernel reaps the orphans of a pod that shares its process namespace, and sleeps until it is killed.
 */
export function pauseProgram(): Buffer {
  const start = ELF_HEADER + PROGRAM_HEADER;
  // struct sigaction of the kernel: handler SIG_IGN, no flags, no restorer, empty mask.
  const action = Buffer.alloc(32);
  action.writeBigUInt64LE(1n, 0);
  const size = 38;
  const actionAddress = LOAD_ADDRESS + start + size;
  const code = Buffer.from([
    ...[0xb8, ...word(13)], // mov eax, rt_sigaction
    ...[0xbf, ...word(17)], // mov edi, SIGCHLD
    ...[0xbe, ...word(actionAddress)], // mov esi, action
    ...[0x31, 0xd2], // xor edx, edx
    ...[0x41, 0xba, ...word(8)], // mov r10d, sizeof(sigset_t)
    ...[0x0f, 0x05], // syscall
    ...[0xb8, ...word(34)], // pause: mov eax, pause
    ...[0x0f, 0x05], // syscall
    ...[0xeb, 0xf7], // jmp pause
    ...[0x90, 0x90, 0x90, 0x90],
  ]);
  const header = Buffer.alloc(start);
  header.write("\x7fELF", 0, "latin1");
  header.set([2, 1, 1], 4); // 64 bit, little endian, version 1
  header.writeUInt16LE(2, 16); // executable
  header.writeUInt16LE(62, 18); // x86-64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS + start), 24); // entry
  header.writeBigUInt64LE(BigInt(ELF_HEADER), 32); // program headers
  header.writeUInt16LE(ELF_HEADER, 52);
  header.writeUInt16LE(PROGRAM_HEADER, 54);
  header.writeUInt16LE(1, 56);
  const total = BigInt(start + code.length + action.length);
  header.writeUInt32LE(1, 64); // PT_LOAD
  header.writeUInt32LE(5, 68); // readable, executable
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 80);
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 88);
  header.writeBigUInt64LE(total, 96);
  header.writeBigUInt64LE(total, 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, code, action]);
}

function word(value: number): number[] {
  return [0, 8, 16, 24].map((bits) => (value >>> bits) & 0xff);
}
