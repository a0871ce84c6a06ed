import { chooseLanguage, tagsFor } from "../protocol/language.js";

/** What the agent says without a model. */
export interface Sentences {
  readonly welcomeBack: string;
  readonly usedUp: string;
  readonly notUnderstood: string;
  readonly sorry: string;
  readonly tooHard: string;
  /** Between the beginning of an answer and the same one again. */
  readonly onceMore: string;
  /** After an answer that stays without an end. */
  readonly cutShort: string;
}

const ENGLISH: Sentences = {
  welcomeBack: "Welcome back. We can go on where we stopped.",
  usedUp:
    "We have reached the end of what one conversation may take. Thank you for talking with me.",
  notUnderstood: "I am sorry, I could not hear that. Please say it again, or write to me.",
  sorry: "I am sorry, I cannot answer at the moment. Please try again in a minute.",
  tooHard: "I am sorry, I could not finish that. Please ask me in another way.",
  onceMore: " … I was cut off. Once more:\n\n",
  cutShort: " … I am sorry, I was cut off. Please ask me again.",
};

const CHINESE: Sentences = {
  welcomeBack: "欢迎回来。我们可以接着上次继续。",
  usedUp: "本次对话已达到上限。感谢您与我交谈。",
  notUnderstood: "抱歉，我没有听清。请再说一遍，或用文字告诉我。",
  sorry: "抱歉，我现在无法回答。请一分钟后再试。",
  tooHard: "抱歉，我没能完成。请换一种方式提问。",
  onceMore: "……我刚才中断了。再来一次：\n\n",
  cutShort: "……抱歉，我中断了。请再问我一次。",
};

/** The languages of the panel, by tag in lower case. */
const SENTENCES: Readonly<Record<string, Sentences>> = {
  en: ENGLISH,
  ar: {
    welcomeBack: "أهلًا بعودتك. يمكننا المتابعة من حيث توقفنا.",
    usedUp: "وصلنا إلى الحد المسموح به لمحادثة واحدة. شكرًا على حديثك معي.",
    notUnderstood: "عذرًا، لم أسمع ذلك. يرجى تكراره أو كتابته لي.",
    sorry: "عذرًا، لا أستطيع الإجابة الآن. يرجى المحاولة مرة أخرى بعد دقيقة.",
    tooHard: "عذرًا، لم أتمكن من إتمام ذلك. يرجى طرح السؤال بطريقة أخرى.",
    onceMore: " … انقطع كلامي. مرة أخرى:\n\n",
    cutShort: " … عذرًا، انقطع كلامي. يرجى سؤالي مرة أخرى.",
  },
  de: {
    welcomeBack: "Willkommen zurück. Wir können da weitermachen, wo wir aufgehört haben.",
    usedUp: "Mehr ist in einer Unterhaltung leider nicht möglich. Vielen Dank für das Gespräch.",
    notUnderstood:
      "Das konnte ich leider nicht hören. Bitte sagen Sie es noch einmal, oder schreiben Sie mir.",
    sorry:
      "Ich kann im Moment leider nicht antworten. Bitte versuchen Sie es in einer Minute noch einmal.",
    tooHard: "Das konnte ich leider nicht zu Ende bringen. Bitte fragen Sie mich anders.",
    onceMore: " … Ich wurde unterbrochen. Noch einmal:\n\n",
    cutShort: " … Ich wurde leider unterbrochen. Bitte fragen Sie mich noch einmal.",
  },
  es: {
    welcomeBack: "Hola de nuevo. Podemos seguir donde lo dejamos.",
    usedUp: "Hemos llegado al límite de una conversación. Gracias por hablar conmigo.",
    notUnderstood: "Lo siento, no lo he oído bien. Repítelo, por favor, o escríbemelo.",
    sorry: "Lo siento, ahora mismo no puedo responder. Prueba de nuevo dentro de un minuto.",
    tooHard: "Lo siento, no he podido terminarlo. Pregúntamelo de otra manera, por favor.",
    onceMore: " … Me he cortado. Otra vez:\n\n",
    cutShort: " … Lo siento, me he cortado. Pregúntame de nuevo, por favor.",
  },
  fr: {
    welcomeBack: "Re-bonjour. Nous pouvons reprendre là où nous en étions.",
    usedUp: "Nous avons atteint la limite d’une conversation. Merci d’avoir échangé avec moi.",
    notUnderstood: "Désolé, je n’ai pas bien entendu. Merci de répéter ou de m’écrire.",
    sorry: "Désolé, je ne peux pas répondre pour l’instant. Réessayez dans une minute.",
    tooHard: "Désolé, je n’ai pas pu terminer. Merci de poser la question autrement.",
    onceMore: " … J’ai été interrompu. Je reprends :\n\n",
    cutShort: " … Désolé, j’ai été interrompu. Merci de me reposer la question.",
  },
  he: {
    welcomeBack: "ברוך שובך. אפשר להמשיך מהמקום שבו עצרנו.",
    usedUp: "הגענו לגבול של שיחה אחת. תודה על השיחה.",
    notUnderstood: "סליחה, לא שמעתי. אפשר לומר זאת שוב או לכתוב לי.",
    sorry: "סליחה, איני יכול לענות כרגע. אפשר לנסות שוב בעוד דקה.",
    tooHard: "סליחה, לא הצלחתי לסיים. אפשר לשאול אותי בדרך אחרת.",
    onceMore: " … נקטעתי. פעם נוספת:\n\n",
    cutShort: " … סליחה, נקטעתי. אפשר לשאול אותי שוב.",
  },
  it: {
    welcomeBack: "Bentornati. Possiamo continuare da dove eravamo rimasti.",
    usedUp: "Abbiamo raggiunto il limite di una conversazione. Grazie per aver parlato con me.",
    notUnderstood: "Mi dispiace, non ho sentito bene. Ripeti, per favore, oppure scrivimi.",
    sorry: "Mi dispiace, al momento non posso rispondere. Riprova tra un minuto.",
    tooHard: "Mi dispiace, non sono riuscito a finire. Chiedimelo in un altro modo.",
    onceMore: " … Mi sono interrotto. Di nuovo:\n\n",
    cutShort: " … Mi dispiace, mi sono interrotto. Chiedimelo di nuovo.",
  },
  ja: {
    welcomeBack: "お帰りなさい。前回の続きから始められます。",
    usedUp: "1 回の会話の上限に達しました。お話しいただきありがとうございました。",
    notUnderstood: "申し訳ありません。聞き取れませんでした。もう一度話すか、文字でお送りください。",
    sorry: "申し訳ありません。ただいまお答えできません。1 分後にもう一度お試しください。",
    tooHard: "申し訳ありません。最後までできませんでした。別の聞き方でお尋ねください。",
    onceMore: "……途中で切れました。もう一度お答えします。\n\n",
    cutShort: "……申し訳ありません。途中で切れました。もう一度お尋ねください。",
  },
  nl: {
    welcomeBack: "Welkom terug. We kunnen verdergaan waar we gebleven waren.",
    usedUp: "We zijn aan het einde van wat er in één gesprek kan. Bedankt voor het gesprek.",
    notUnderstood: "Sorry, dat kon ik niet horen. Zeg het nog eens, of schrijf het me.",
    sorry: "Sorry, ik kan nu niet antwoorden. Probeer het over een minuut opnieuw.",
    tooHard: "Sorry, dat kon ik niet afmaken. Stel je vraag op een andere manier.",
    onceMore: " … Ik werd onderbroken. Nog een keer:\n\n",
    cutShort: " … Sorry, ik werd onderbroken. Vraag het me nog een keer.",
  },
  pl: {
    welcomeBack: "Witamy ponownie. Możemy kontynuować od miejsca, w którym skończyliśmy.",
    usedUp: "Dotarliśmy do limitu jednej rozmowy. Dziękuję za rozmowę.",
    notUnderstood:
      "Przepraszam, nie udało mi się tego usłyszeć. Powiedz to jeszcze raz lub napisz.",
    sorry: "Przepraszam, w tej chwili nie mogę odpowiedzieć. Spróbuj ponownie za minutę.",
    tooHard: "Przepraszam, nie udało mi się tego dokończyć. Zapytaj mnie inaczej.",
    onceMore: " … Odpowiedź się urwała. Jeszcze raz:\n\n",
    cutShort: " … Przepraszam, odpowiedź się urwała. Zapytaj mnie jeszcze raz.",
  },
  pt: {
    welcomeBack: "Que bom ter você de volta. Podemos continuar de onde paramos.",
    usedUp: "Chegamos ao limite de uma conversa. Obrigado por conversar comigo.",
    notUnderstood: "Desculpe, não consegui ouvir. Repita, por favor, ou escreva para mim.",
    sorry: "Desculpe, não consigo responder agora. Tente de novo em um minuto.",
    tooHard: "Desculpe, não consegui terminar. Pergunte de outra forma, por favor.",
    onceMore: " … Fui interrompido. Mais uma vez:\n\n",
    cutShort: " … Desculpe, fui interrompido. Pergunte de novo, por favor.",
  },
  zh: CHINESE,
  "zh-hans": CHINESE,
};

/** @param wanted tags (BCP 47), the most wanted first; without one that there are sentences in: English */
export function sentencesIn(...wanted: (string | undefined)[]): Sentences {
  const tag = chooseLanguage(wanted, Object.keys(SENTENCES)) ?? "en";
  return tagsFor(tag).flatMap((one) => SENTENCES[one] ?? [])[0] ?? ENGLISH;
}
