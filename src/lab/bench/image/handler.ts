import type { S3Store } from "./s3-store.js";

export const BUCKET = "images";
export const IMAGE = "in.jpg";
/** Packages that the handler imports, by their names on PyPI. */
export const IMAGE_PACKAGES = ["pillow", "boto3"] as const;

/**
 * Python program that writes a test image of 1600 by 1200 pixels, about 220 kB, to the path in its
 * argument.
 */
export const MAKE_IMAGE = `import sys
from PIL import Image, ImageFilter

noise = Image.effect_noise((1600, 1200), 60).convert("RGB")
noise.filter(ImageFilter.GaussianBlur(2)).save(sys.argv[1], quality=85)
`;

/** What the handler reports about its run. Times are microseconds. */
export interface ImageAnswer {
  /** Time for the imports of modules that were not loaded before. */
  readonly importsUs: number;
  /** Time to make the S3 client, which the module does at its top level, as is usual. */
  readonly clientUs: number;
  readonly getUs: number;
  readonly resizeUs: number;
  readonly putUs: number;
  /** Names of the modules in the process afterwards; empty unless the event asks for them. */
  readonly modules: readonly string[];
  /** Width in pixels and size of the thumbnail. */
  readonly width: number;
  readonly bytes: number;
}

/**
 * Source of the resizing function as a user would write it, with the time of each part added.
 * `number` makes each source different.
 */
export function imageHandler({ endpoint, accessKey, secretKey }: S3Store, number: number): string {
  return `# handler ${number}
from time import monotonic_ns as _now

_marks = [_now()]
import io
import sys

import boto3
from botocore.config import Config
from PIL import Image

_marks.append(_now())
_store = boto3.client(
    "s3",
    endpoint_url=${JSON.stringify(endpoint)},
    aws_access_key_id=${JSON.stringify(accessKey)},
    aws_secret_access_key=${JSON.stringify(secretKey)},
    region_name="us-east-1",
    config=Config(request_checksum_calculation="when_required", s3={"addressing_style": "path"}),
)
_marks.append(_now())


def f(event):
    marks = [_now()]
    body = _store.get_object(Bucket="${BUCKET}", Key="${IMAGE}")["Body"].read()
    marks.append(_now())
    image = Image.open(io.BytesIO(body))
    image.thumbnail((320, 320))
    out = io.BytesIO()
    image.save(out, "JPEG")
    marks.append(_now())
    _store.put_object(Bucket="${BUCKET}", Key="out-${number}.jpg", Body=out.getvalue())
    marks.append(_now())
    imports, client = [(b - a) // 1000 for a, b in zip(_marks, _marks[1:])]
    get, resize, put = [(b - a) // 1000 for a, b in zip(marks, marks[1:])]
    return {
        "importsUs": imports,
        "clientUs": client,
        "getUs": get,
        "resizeUs": resize,
        "putUs": put,
        "modules": sorted(sys.modules) if event.get("lists") else [],
        "width": image.width,
        "bytes": len(out.getvalue()),
    }
`;
}
