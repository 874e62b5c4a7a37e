# Why nothing can be read, behind `unreadable`. For the officer's line; the codes are stable (`reason` in JSON).
empty = the file is empty
unsupported = { $kind } pictures are not read, only PNG, JPEG and WebP
moving = moving pictures are not read
no_picture = the file is no picture
too_large = { $width } x { $height } pixels are more than the { $most } that are read
cut = the picture is cut off
damaged = the picture is damaged: { $detail }
too_small = { $width } x { $height } pixels are too few for a code
blank = the picture shows nothing
no_code = no code was found
illegible = there is a code, but it cannot be made out
crowded = too many marks look like corners of codes
reader_failed = the code reader failed on this picture
another = another code in view cannot be made out
long_line = a line of more than { $most } bytes
no_text = a line that is no text
file = { $detail }
