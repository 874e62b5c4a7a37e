# What officers and drivers read about a scan, by outcome, reason code and note.
# Each code: what it means; .officer: what the officer does next; .driver: what the driver is told.

outcome-admit = ADMIT
outcome-refuse = REFUSE
outcome-refer = REFER

admit = The pass is good.
    .officer = Compare plate and driver with the pass, then let the truck through.
    .driver = You may drive on. Have a good journey.

unreadable = No code could be read.
    .officer = Ask for the card again: flat, clean, in better light. Otherwise call the duty officer with the pass number.
    .driver = Please show the code again, clean and unfolded, with the screen at full brightness.

not_a_pass = This code is not a freight pass.
    .officer = Scan it once more; if it stays so, ask for the freight pass: this code counts for nothing here.
    .driver = Please show the code of your freight pass.

format_newer = The pass is of a newer version than this scanner.
    .officer = Call the duty officer; update the scanner.
    .driver = This scanner has to be updated first. Please wait for the duty officer.

malformed = The code is damaged or made up.
    .officer = Scan it once more; if it stays so, turn the truck away and keep the picture. Note plate and time.
    .driver = This code is not a genuine pass. Ask your enterprise for the card as it was issued.

no_trust = This scanner does not know any authority yet.
    .officer = Fetch the data (sync) or call the duty officer; until then this scanner decides nothing.
    .driver = This scanner is not ready. Please wait for the duty officer.

wrong_type = This is a signed object, but not a pass.
    .officer = Turn the truck away and keep the picture.
    .driver = This code is not a pass. Please show your freight pass.

wrong_alg = The pass is signed in a way that is not allowed.
    .officer = Turn the truck away and keep the picture.
    .driver = This code is not a genuine pass. Ask your enterprise for the card as it was issued.

key_unknown = No authority signs with this key.
    .officer = On REFUSE turn the truck away and keep the picture. On REFER fetch newer data and scan again.
    .driver = The authority of this pass is not known here. Please wait, or ask your enterprise.

issuer_mismatch = The pass names one authority and is signed with the key of another.
    .officer = On REFUSE turn the truck away and keep the picture. On REFER fetch newer data and scan again.
    .driver = This pass does not come from the authority that it names. Ask your enterprise.

bad_signature = The signature is wrong: the pass is forged or altered.
    .officer = Turn the truck away. Keep the picture and report it.
    .driver = This pass is not genuine, or the code was changed. Ask your enterprise for the card as it was issued.

claims_invalid = The pass breaks a rule that every pass obeys.
    .officer = Turn the truck away; report the pass number to the authority that issued it.
    .driver = This pass was issued wrongly. Ask your enterprise to have it issued anew.

list_mismatch = The pass points to a status list that is not its own.
    .officer = Turn the truck away; report the pass number to the authority that issued it.
    .driver = This pass was issued wrongly. Ask your enterprise to have it issued anew.

revoked = The pass was revoked.
    .officer = Turn the truck away. The authority that issued it knows why.
    .driver = This pass is revoked and does not come back. Ask your enterprise or the authority that issued it.

expired = The pass has expired.
    .officer = Turn the truck away.
    .driver = The time of this pass is over. Your enterprise must apply for a new one.

trust_behind = This scanner's list of authorities is behind its status data.
    .officer = Fetch the data (sync) and scan again; otherwise call the duty officer.
    .driver = This scanner has to be updated first. Please wait.

trust_expired = This scanner's list of authorities has expired.
    .officer = Fetch the data (sync) and scan again; otherwise call the duty officer.
    .driver = This scanner has to be updated first. Please wait.

equivocation = Two contradictory sets of signed data were seen.
    .officer = Admit nobody by this scanner. Call the duty officer and the operator at once.
    .driver = The data has to be checked first. Please wait for the duty officer.

life_too_long = The pass lives longer than any pass may.
    .officer = On REFUSE turn the truck away and report the number. On REFER fetch newer data and scan again.
    .driver = The time of this pass is not allowed. Ask your enterprise.

out_of_scope = The authority may not issue for this route.
    .officer = On REFUSE turn the truck away and report the number. On REFER fetch newer data and scan again.
    .driver = The authority of this pass is not competent for this route. Your enterprise must apply elsewhere.

programme_not_allowed = The authority may not issue under this programme.
    .officer = On REFUSE turn the truck away and report the number. On REFER fetch newer data and scan again.
    .driver = The programme of this pass is not open. Ask your enterprise.

key_window = The pass begins when its key did not sign.
    .officer = On REFUSE turn the truck away and keep the picture. On REFER fetch newer data and scan again.
    .driver = This pass cannot be accepted. Ask your enterprise.

not_a_survivor = The key was stolen, and this pass is not among those that were really issued.
    .officer = On REFUSE turn the truck away, keep the picture and report it. On REFER fetch newer data and scan again.
    .driver = This pass was not issued by the authority. Ask your enterprise for the card as it was issued.

survivors_missing = The key was stolen, and the record of genuine passes is not here.
    .officer = Fetch the data (sync) and scan again; otherwise call the duty officer with the pass number.
    .driver = Your pass has to be looked up first. Please wait.

clock_behind = This scanner's clock is behind.
    .officer = Set the clock and scan again.
    .driver = This scanner's clock has to be set first. Please wait.

unconfirmed_start = Nobody has confirmed this scanner's date yet.
    .officer = Compare the data's date with a calendar and confirm it (sync --confirm).
    .driver = This scanner is not ready yet. Please wait.

status_missing = The status of this pass is not held here.
    .officer = Fetch the data (sync) and scan again; otherwise call the duty officer with the pass number.
    .driver = Your pass has to be looked up first. Please wait.

status_stale = This scanner's status data is too old.
    .officer = Fetch the data (sync) and scan again; otherwise call the duty officer with the pass number.
    .driver = This scanner has to be updated first. Please wait.

list_unknown = The status data does not know this pass's week.
    .officer = Fetch the data (sync) and scan again; otherwise call the duty officer with the pass number.
    .driver = Your pass has to be looked up first. Please wait.

index_beyond = The pass is newer than this scanner's data.
    .officer = Fetch the data (sync) and scan again; otherwise call the duty officer with the pass number.
    .driver = Your pass is very new and has to be looked up first. Please wait.

suspended = The pass is suspended.
    .officer = The truck waits or turns back. The authority may let it go on: fetch the data (sync) and scan again.
    .driver = This pass is stopped for now. Ask your enterprise or the authority that issued it.

not_yet_valid = The pass is not in force yet.
    .officer = The truck waits until the pass begins, or turns back.
    .driver = This pass begins later. You may pass from that time on.

plate_mismatch = The plate is not one of the pass.
    .officer = Read the plate again. If it is another truck, turn it away and report it: the card may be a copy.
    .driver = This pass belongs to another truck.

off_route = This checkpoint is not on the route of the pass.
    .officer = On REFUSE turn the truck away. On REFER call the duty officer.
    .driver = You have left the route of your pass. Go back to it, or ask your enterprise for another pass.

no_place = It is not known where this checkpoint is, so nobody compared the route.
    .officer = Set the county of this checkpoint and scan again; otherwise compare the route yourself with the duty officer.
    .driver = The route has to be compared first. Please wait.

note-seen_before = was admitted here before: { $time }, { $ago }
note-seen_elsewhere = was admitted before: { $time }, { $ago }, at { $place }
ago-seconds = { $count } s ago
ago-minutes = { $count } min ago
ago-hours = { $count } h ago
ago-days = { $count } d ago
note-compare_plate = compare the plate with the truck
note-place_unchecked = route not compared
