variable "image_resize" {
  description = "The image of `resize`, built from its source and pushed, by its digest"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image_resize))
    error_message = "Name the image by its digest: REGISTRY/NAME@sha256:..."
  }
}
