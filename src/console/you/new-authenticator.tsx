import { useMutation } from "@apollo/client/react";
import { Center, Code, Stack, Text } from "@mantine/core";
import { useEffect, type ReactNode } from "react";
import { encode } from "uqr";
import { ConfirmTotpDocument, StartTotpDocument, YouDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { Loading, Trouble } from "../shell/states.js";
import classes from "../shell/shell.module.css";
import { useSpeech } from "../use-speech.js";
import { CodeQuestion } from "./code-question.js";

/** Modules of white that a QR code needs around it. */
const QUIET = 4;

/** Takes an app into use: its secret to scan, and a code to prove it. @param onAdded is given the recovery codes */
export function NewAuthenticator({
  onAdded,
  onCancel,
}: {
  readonly onAdded: (recoveryCodes: readonly string[]) => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const { person } = useSession();
  // The answers hold secrets, which are nobody's to keep.
  const secretly = { client: person, fetchPolicy: "no-cache" } as const;
  const [startTotp, started] = useMutation(StartTotpDocument, secretly);
  const [confirmTotp, confirmed] = useMutation(ConfirmTotpDocument, {
    ...secretly,
    refetchQueries: [YouDocument],
  });
  useEffect(() => {
    // What it fails with is shown.
    startTotp({ variables: { input: {} } }).catch(() => {});
  }, [startTotp]);
  if (started.error) return <Trouble error={started.error} />;
  const totp = started.data?.startTotp;
  if (!totp) return <Loading />;
  return (
    <Stack gap="md">
      <Text size="sm">{words.you.scan}</Text>
      <Center>
        <QrCode text={totp.uri} label={words.you.qrCode} />
      </Center>
      <Text size="sm">{words.you.typeSecret}</Text>
      <Code block className={classes.secret}>
        {totp.secret}
      </Code>
      <CodeQuestion
        about={words.you.proveCode}
        action={words.you.factorAddAction}
        error={confirmed.error}
        onCancel={onCancel}
        onCode={async (code) => {
          const { data } = await confirmTotp({ variables: { input: { code } } });
          if (data?.confirmTotp) onAdded(data.confirmTotp.recoveryCodes);
        }}
      />
    </Stack>
  );
}

/** Black on white in the dark too: cameras look for that. */
function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { data, size } = encode(text, { border: QUIET });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      width={220}
      height={220}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
