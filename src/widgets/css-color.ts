const NAMES = new Set(
  `aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown
  burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan
  darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid
  darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet
  deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro
  ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory khaki
  lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow
  lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray
  lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon mediumaquamarine
  mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise
  mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy oldlace olive olivedrab
  orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru
  pink plum powderblue purple rebeccapurple red rosybrown royalblue saddlebrown salmon sandybrown seagreen
  seashell sienna silver skyblue slateblue slategray slategrey snow springgreen steelblue tan teal thistle
  tomato transparent turquoise violet wheat white whitesmoke yellow yellowgreen`.split(/\s+/),
);

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)`;
const HEX = /^#(?:[\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/i;
const RGB = functionPattern("rgba?", `${NUMBER}%?`);
const HSL = functionPattern("hsla?", `${NUMBER}(?:%|deg|rad|grad|turn)?`);

/** Whether a text is a colour that a config may hold: hex, rgb(), hsl() or a CSS name (CSS Color 4). */
export function isCssColor(text: string): boolean {
  if (text.length > 80) return false;
  return HEX.test(text) || RGB.test(text) || HSL.test(text) || NAMES.has(text.toLowerCase());
}

/** Three components and an optional alpha, by commas or by spaces with a slash. */
function functionPattern(name: string, component: string): RegExp {
  const alpha = `${NUMBER}%?`;
  const commas = String.raw`${component}(?:\s*,\s*${component}){2}(?:\s*,\s*${alpha})?`;
  const spaces = String.raw`${component}(?:\s+${component}){2}(?:\s*/\s*${alpha})?`;
  return new RegExp(String.raw`^${name}\(\s*(?:${commas}|${spaces})\s*\)$`, "i");
}
