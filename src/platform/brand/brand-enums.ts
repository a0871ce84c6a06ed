import { literalEnum } from "../graphql/enum-literals.js";
import {
  BRAND_COLOR_ROLES,
  BRAND_LOGO_TYPES,
  type BrandColorRole,
  type BrandLogoType,
} from "./brand-words.js";

export const BrandColorRoleEnum = literalEnum<BrandColorRole>(
  "BrandColorRole",
  "What a website uses a colour for.",
  BRAND_COLOR_ROLES,
  {
    primary: "The one that it is known by.",
    accent: "Colourful, beside the primary.",
    neutral: "Grey, black or white.",
    theme: "Named by the website for the browser's own surface.",
    background: "Behind its texts.",
  },
);

export const BrandLogoTypeEnum = literalEnum<BrandLogoType>(
  "BrandLogoType",
  "What a picture of a website is.",
  BRAND_LOGO_TYPES,
  {
    logo: "Named by the website as its logo.",
    icon: "Small and square, for tabs and home screens.",
    image: "What it shows when it is shared.",
  },
);
