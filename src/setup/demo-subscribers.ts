import type { UnixSeconds } from "../der/time.ts";
import type { ReasonName } from "../x509/reason.ts";
import type { DemoName } from "./distinguished-name.ts";

/** How a demo certificate was revoked. */
export interface DemoRevocation {
  readonly reason: ReasonName;
  readonly revocationDate: UnixSeconds;
  readonly invalidityDate: UnixSeconds | undefined;
}

/** One subscriber of a demo issuer, before it has a certificate. */
export interface DemoSubscriber {
  readonly subject: DemoName;
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
  readonly revocation: DemoRevocation | undefined;
}

const DAY = 86_400;
const YEAR = 365 * DAY;
const LIFETIME = 4 * YEAR;

const ministries = [
  "Bộ Công Thương",
  "Bộ Giáo dục và Đào tạo",
  "Bộ Khoa học và Công nghệ",
  "Bộ Ngoại giao",
  "Bộ Nội vụ",
  "Bộ Tài chính",
  "Bộ Tư pháp",
  "Bộ Xây dựng",
  "Bộ Y tế",
  "Thanh tra Chính phủ",
];
const departments = [
  "Văn phòng",
  "Vụ Pháp chế",
  "Vụ Tổ chức cán bộ",
  "Vụ Kế hoạch",
  "Cục Chuyển đổi số",
];
const provinces = [
  "An Giang",
  "Bắc Ninh",
  "Cà Mau",
  "Cao Bằng",
  "Đắk Lắk",
  "Điện Biên",
  "Đồng Tháp",
  "Hưng Yên",
  "Khánh Hòa",
  "Lào Cai",
  "Lạng Sơn",
  "Nghệ An",
  "Phú Thọ",
  "Quảng Ngãi",
  "Quảng Ninh",
  "Quảng Trị",
  "Tây Ninh",
  "Thanh Hóa",
  "Tuyên Quang",
  "Vĩnh Long",
];
const offices = ["Ủy ban nhân dân", "Sở Nội vụ", "Sở Tài chính", "Sở Tư pháp", "Sở Y tế"];

const organizations = [
  ...ministries.flatMap((ministry) => departments.map((name) => `${name} ${ministry}`)),
  ...provinces.flatMap((province) => offices.map((name) => `${name} tỉnh ${province}`)),
];

const reasons: readonly ReasonName[] = [
  "keyCompromise",
  "superseded",
  "affiliationChanged",
  "cessationOfOperation",
  "privilegeWithdrawn",
  "unspecified",
];

/** The subscribers of one issuer: invented holders, 12 revoked, 6 expired, one of them both. */
export function demoSubscribers(now: UnixSeconds): DemoSubscriber[] {
  return organizations.map((name, index) => {
    const notAfter = index % 25 === 19 ? now - (index + 1) * DAY : now + YEAR + index * 4 * DAY;
    return {
      subject: { organization: "Vouch Demo (thử nghiệm)", commonName: `${name} (thử nghiệm)` },
      notBefore: notAfter - LIFETIME,
      notAfter,
      revocation:
        index % 12 === 7 ? revocation((index - 7) / 12, Math.min(now, notAfter)) : undefined,
    };
  });
}

/** The `nth` revocation, in the past and while the certificate was valid. */
function revocation(nth: number, before: UnixSeconds): DemoRevocation {
  const reason = reasons[nth % reasons.length] ?? "unspecified";
  const revocationDate = before - (nth + 1) * 17 * DAY - nth * 4321;
  const invalidityDate = reason === "keyCompromise" ? revocationDate - 3 * DAY : undefined;
  return { reason, revocationDate, invalidityDate };
}
