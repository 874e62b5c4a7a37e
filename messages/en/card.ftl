# Words on the card of a pass.

title = Freight pass
officer = Scan the code; compare plate and driver
driver = Carry this card; show the code when asked
relief = Relief driver
driver-role = Driver
passenger = Passenger
empty = empty
return = return
