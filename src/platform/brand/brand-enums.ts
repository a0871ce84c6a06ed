import { registerEnumType } from "type-graphql";
import { fromLiterals } from "../graphql/enum-literals.js";
import { BRAND_COLOR_ROLES, BRAND_LOGO_TYPES } from "./brand-words.js";

export const BrandColorRoleEnum = fromLiterals(BRAND_COLOR_ROLES);
export const BrandLogoTypeEnum = fromLiterals(BRAND_LOGO_TYPES);

registerEnumType(BrandColorRoleEnum, {
  name: "BrandColorRole",
  description: "What a website uses a colour for.",
  valuesConfig: {
    PRIMARY: { description: "The one that it is known by." },
    ACCENT: { description: "Colourful, beside the primary." },
    NEUTRAL: { description: "Grey, black or white." },
    THEME: { description: "Named by the website for the browser's own surface." },
    BACKGROUND: { description: "Behind its texts." },
  },
});
registerEnumType(BrandLogoTypeEnum, {
  name: "BrandLogoType",
  description: "What a picture of a website is.",
  valuesConfig: {
    LOGO: { description: "Named by the website as its logo." },
    ICON: { description: "Small and square, for tabs and home screens." },
    IMAGE: { description: "What it shows when it is shared." },
  },
});
