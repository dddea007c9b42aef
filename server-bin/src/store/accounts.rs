use breeze_core::error::{LoginRefusal, RelayRefusal};
use breeze_core::id::{PublicKey, UserId};
use redb::ReadableTable;

use super::account::Account;
use super::batch::{Batch, Result};
use super::{GivenUp, Quota, Registration, Removal, Secret, SecretKind};

/// Who may log in, and what whoever runs the server does about it.
impl Batch<'_> {
    /// Answers a key that wants to log in under a name.
    pub(super) fn claim(
        &mut self,
        user: &UserId,
        key: &PublicKey,
        max_frame: u32,
        registration: Registration,
    ) -> Result<std::result::Result<Vec<GivenUp>, LoginRefusal>> {
        let Some(mut account) = self.account(user)? else {
            return self.register(user, key, max_frame, registration);
        };
        match account.key {
            None => return Ok(Err(LoginRefusal::CodeRequired)),
            Some(owner) if owner != *key => return Ok(Err(LoginRefusal::NameTaken)),
            Some(_) => {}
        }
        if max_frame != 0 && account.max_frame != max_frame {
            account.max_frame = max_frame;
            self.set_account(user, &account)?;
        }
        Ok(Ok(Vec::new()))
    }

    fn register(
        &mut self,
        user: &UserId,
        key: &PublicKey,
        max_frame: u32,
        registration: Registration,
    ) -> Result<std::result::Result<Vec<GivenUp>, LoginRefusal>> {
        if self.keys.get(key.as_bytes())?.is_some() {
            return Ok(Err(LoginRefusal::KeyHasOtherName));
        }
        match registration {
            Registration::Open => {}
            Registration::Invite => return Ok(Err(LoginRefusal::InviteRequired)),
            Registration::Closed => return Ok(Err(LoginRefusal::RegistrationClosed)),
        }
        self.keys.insert(key.as_bytes(), user.as_str())?;
        self.set_account(user, &Account::enrolled(*key, max_frame))?;
        Ok(Ok(Vec::new()))
    }

    /// Makes a key that of a user who has shown a secret.
    pub(super) fn enrol(
        &mut self,
        user: &UserId,
        key: &PublicKey,
        max_frame: u32,
        secret: &Secret,
        registration: Registration,
    ) -> Result<std::result::Result<Vec<GivenUp>, LoginRefusal>> {
        let (Some(account), Some(present)) = (self.account(user)?, self.secret(user)?) else {
            return Ok(Err(LoginRefusal::WrongCode));
        };
        // It was checked some time ago: the code may have been used, or replaced, since.
        if present != *secret {
            return Ok(Err(LoginRefusal::WrongCode));
        }
        match registration {
            Registration::Open | Registration::Invite => {}
            Registration::Closed if account.was_enrolled => {}
            Registration::Closed => return Ok(Err(LoginRefusal::RegistrationClosed)),
        }
        if self.keys.get(key.as_bytes())?.is_some_and(|owner| owner.value() != user.as_str()) {
            return Ok(Err(LoginRefusal::KeyHasOtherName));
        }
        match secret.kind {
            SecretKind::Code => drop(self.secrets.remove(user.as_str())?),
            SecretKind::Password => {}
        }
        let given_up = match account.key {
            Some(owner) if owner == *key => Vec::new(),
            Some(owner) => {
                self.keys.remove(owner.as_bytes())?;
                self.give_up_all_for(user, RelayRefusal::KeyChanged)?
            }
            None => Vec::new(),
        };
        self.keys.insert(key.as_bytes(), user.as_str())?;
        let account = Account { quota: account.quota, ..Account::enrolled(*key, max_frame) };
        self.set_account(user, &account)?;
        Ok(Ok(given_up))
    }

    /// Reserves a name; false if there is such a user.
    pub(super) fn add_user(&mut self, user: &UserId, secret: &Secret) -> Result<bool> {
        let is_new = self.account(user)?.is_none();
        if is_new {
            self.set_account(user, &Account::default())?;
            self.set_secret(user, secret)?;
        }
        Ok(is_new)
    }

    /// Forgets a user, what is kept for it, and what is kept from it.
    pub(super) fn remove_user(&mut self, user: &UserId) -> Result<Option<Removal>> {
        let Some(account) = self.account(user)? else { return Ok(None) };
        if let Some(key) = account.key {
            self.keys.remove(key.as_bytes())?;
        }
        self.secrets.remove(user.as_str())?;
        let given_up = self.give_up_all_for(user, RelayRefusal::UnknownUser)?;
        self.forget_sender(user)?;
        self.users.remove(user.as_str())?;
        self.changed = true;
        Ok(Some(Removal { given_up }))
    }

    /// Forgets a user's key, which a new secret can replace.
    pub(super) fn reset_key(&mut self, user: &UserId, secret: &Secret) -> Result<Option<Removal>> {
        let Some(mut account) = self.account(user)? else { return Ok(None) };
        if let Some(key) = account.key.take() {
            self.keys.remove(key.as_bytes())?;
        }
        self.set_account(user, &account)?;
        self.set_secret(user, secret)?;
        let given_up = self.give_up_all_for(user, RelayRefusal::KeyChanged)?;
        Ok(Some(Removal { given_up }))
    }

    /// Sets a user's own quota; false if there is no such user.
    pub(super) fn set_quota(&mut self, user: &UserId, quota: Quota) -> Result<bool> {
        let Some(account) = self.account(user)? else { return Ok(false) };
        if account.quota != quota {
            self.set_account(user, &Account { quota, ..account })?;
        }
        Ok(true)
    }

    pub(super) fn account(&self, user: &UserId) -> Result<Option<Account>> {
        Ok(self.users.get(user.as_str())?.map(|row| Account::from_row(row.value())))
    }

    fn set_account(&mut self, user: &UserId, account: &Account) -> Result<()> {
        self.users.insert(user.as_str(), account.to_row())?;
        self.changed = true;
        Ok(())
    }

    fn secret(&self, user: &UserId) -> Result<Option<Secret>> {
        let row = self.secrets.get(user.as_str())?;
        row.map(|row| Secret::from_row(row.value())).transpose()
    }

    fn set_secret(&mut self, user: &UserId, secret: &Secret) -> Result<()> {
        self.secrets.insert(user.as_str(), secret.to_row())?;
        self.changed = true;
        Ok(())
    }
}
