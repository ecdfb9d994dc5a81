export const usage = `with-secrets [options] [--] command [argument…]

Runs a command with the secrets of an encrypted file in its environment, and masks them in its output:

  sops -d secrets.yaml | with-secrets -- npx nx run …
  with-secrets --sops secrets.yaml -- npx nx run …

Which secrets
  --sops FILE       run \`sops -d FILE\` for them, instead of reading them from the standard input
  --only NAME       hand on this one only; may be repeated, and takes several: A,B
  --prefix PREFIX   hand on those only whose names begin like this, and those of --only
  --require NAME    start nothing without this one, or if it is empty; likewise

Names that the environment has already
  --keep-env        keep what the environment has
  --override NAME   hand on this one all the same; likewise

Output
  --show NAME       do not mask this one, which is no secret; likewise
  --no-mask         mask nothing: the command writes to the terminal itself

Instead of running the command
  --list            print the names, one a line; as JSON with --json
  --dry-run         print what would be run with which names
  --help            print this

with-secrets exits as its command does, with the same code or by the same signal; with 125 when it fails itself,
126 when the command cannot be run, 127 when there is no such command.`;
