import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { loadSpeech, preferredLanguage, rememberLanguage, type SpokenWords } from "./say.js";

interface Spoken extends SpokenWords {
  /** Says everything in another language from now on, here and at the next visit. */
  choose(language: string): void;
}

const SpeechContext = createContext<Spoken | undefined>(undefined);

/** The words of the page's language. */
export function useSpeech(): Spoken {
  const speech = useContext(SpeechContext);
  if (speech === undefined) throw new Error("Nothing is said outside of a SpeechProvider.");
  return speech;
}

/** Shows nothing until the words are there. */
export function SpeechProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [wanted, setWanted] = useState(preferredLanguage);
  const [speech, setSpeech] = useState<SpokenWords>();
  useEffect(() => {
    let isCurrent = true;
    void loadSpeech(wanted).then((loaded) => {
      if (!isCurrent) return;
      document.documentElement.lang = loaded.language;
      setSpeech(loaded);
    });
    return () => {
      isCurrent = false;
    };
  }, [wanted]);
  const spoken = useMemo(
    () =>
      speech && {
        ...speech,
        choose: (language: string): void => {
          rememberLanguage(language);
          setWanted(language);
        },
      },
    [speech],
  );
  return spoken && <SpeechContext.Provider value={spoken}>{children}</SpeechContext.Provider>;
}
