# Words on the card of a pass.

title = Freight pass
officer = Scan the code; compare plates, people and ID endings
driver = Keep this card flat in the truck; show the code when asked
relief = Relief driver
driver-role = Driver
passenger = Passenger
loaded = loaded
empty = empty
return = return

label-issued = Issued by
label-programme = Programme
label-number = Pass No.
label-tractor = Tractor
label-trailer = Trailer
label-valid = Valid
label-crew = Crew
label-id-tail = ID ends
label-route = Route
label-cargo = Cargo
label-enterprise = Enterprise
label-officer = Officer
label-driver = Driver
proof = Only the scanned code is proof; the printed words are not.
