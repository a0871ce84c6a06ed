/** `primary` stands for the brand and comes first; `theme` and `background` are as declared. */
export const BRAND_COLOR_ROLES = ["primary", "accent", "neutral", "theme", "background"] as const;
export type BrandColorRole = (typeof BRAND_COLOR_ROLES)[number];

/** `logo`: declared as the organization's; `icon`: of site or app; `image`: for link previews. */
export const BRAND_LOGO_TYPES = ["logo", "icon", "image"] as const;
export type BrandLogoType = (typeof BRAND_LOGO_TYPES)[number];
