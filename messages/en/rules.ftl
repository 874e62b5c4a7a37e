# What a rule of intake asks for, by its code in the answers of the service. Rules that are not here speak for
# themselves in the message beside them.

missing = Fill in this field.
too_long = Shorten this text.
forbidden_character = Remove the character that is named.
character = Remove or correct the character that is named.
check_digit = The check digit does not fit: compare the number with the original, digit by digit.
form = The value does not have the form that it must have: compare it with the original.
length = The value is too short or too long: compare it with the original.
out_of_range = The number is outside what is allowed.
unknown_value = Choose one of the values that are named.
time_out_of_bounds = Give the time in seconds, or as a date with time; milliseconds are refused.
end_before_start = The end must be after the start.
in_the_past = The time lies in the past.
too_many = There are too many.
unknown_authority = No authority has this code.
owned_elsewhere = Another authority owns this enterprise: ask it, or leave the row out.
in_the_future = The time is still to come.
number = Write a whole number, in digits.
unclosed_quote = Close the quote, or remove it.
not_listed = This is not on the white list for the enterprise: import it first.
