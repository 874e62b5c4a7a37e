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
encoding = a byte of this line is broken, or it is in another encoding: type the line again and save it as UTF-8.
too_many_cells = more cells than the header: put quotes around a cell with a separator, and move what stands beside the table.
numeric_cell = format the column as text and type it again: a number loses leading zeros and digits beyond 15.
scientific_notation = scientific notation has lost the digits beyond 15: format the column as text and type it again.
date_cell = no date belongs here: format the column as text and type it again.
error_cell = the formula fails: mend it, or type the value.
formula_without_value = the formula was never calculated: open the workbook and save it again, or type the value.
evidence_missing = Hand in the evidence that the programme asks for.
evidence_issuer = The programme does not take evidence of this issuer.
evidence_too_old = Taken too long before the start: the programme has a limit.
evidence_over = It does not count any more when the journey begins.
outside_the_pass = Give a time within that of the pass.
not_the_destination = This place is not in the prefecture of the destination.
